import { beforeEach, describe, expect, it } from 'vitest';
import { InMemorySlotStore, SlotTable } from './in-memory-slot-store.js';
import { describeSlotStore } from './slot-store.contract.js';

let now = 0;
let table = new SlotTable({ now: () => now });
let stores = 0;

beforeEach(() => void (table = new SlotTable({ now: () => now })));

describe('InMemorySlotStore', () => {
  describeSlotStore(
    { describe, it, expect, beforeEach },
    () => new InMemorySlotStore(table, `process ${++stores}`),
    (ms) => void (now += ms),
    () => new Promise((resolve) => setImmediate(resolve)),
  );
});

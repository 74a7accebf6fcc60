import { beforeEach, describe, expect, it } from 'vitest';
import { InMemorySharedBreakers } from './in-memory-shared-breakers.js';
import { describeSharedBreakers } from './shared-breakers.contract.js';

let now = 0;
let shared: InMemorySharedBreakers;

describeSharedBreakers(
  { describe, it, expect, beforeEach },
  () => (shared = new InMemorySharedBreakers(() => now)),
  () => shared,
  (ms) => void (now += ms),
);

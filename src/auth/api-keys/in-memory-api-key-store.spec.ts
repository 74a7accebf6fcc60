import { beforeEach, describe, expect, it } from 'vitest';
import { describeApiKeyStore } from './api-key-store.contract.js';
import { InMemoryApiKeyStore } from './in-memory-api-key-store.js';

describeApiKeyStore({ describe, it, expect, beforeEach }, () => new InMemoryApiKeyStore());

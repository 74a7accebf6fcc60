import fc from 'fast-check';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  MODERN_VERSION,
  PROTOCOL_VERSION_META_KEY,
} from '../../../src/mcp/wire.js';
import { TASKS_EXTENSION } from '../../../src/mcp/extensions/tasks/task.js';
import { handles } from './handle.js';
import { texts, values } from './json.js';

const TASKS = { [TASKS_EXTENSION]: {} };
const ALL = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };

/** All that a client can declare. */
export const EVERYTHING: object = { ...ALL, extensions: TASKS };

/** What clients declare. */
export const capabilities: fc.Arbitrary<object> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<object>({}, { elicitation: {} }, { sampling: {}, roots: {} }) },
  { weight: 4, arbitrary: fc.constantFrom<object>(ALL, EVERYTHING, { extensions: TASKS }) },
);

/** The `_meta` of a request of the 2026 era by a client that declares this. */
export function envelopeOf(declared: object): object {
  return { [PROTOCOL_VERSION_META_KEY]: MODERN_VERSION, [CLIENT_CAPABILITIES_META_KEY]: declared };
}

/** The `_meta` of a request of the 2026 era. */
export const envelopes: fc.Arbitrary<object> = fc
  .record(
    {
      [PROTOCOL_VERSION_META_KEY]: fc.constant(MODERN_VERSION),
      [CLIENT_CAPABILITIES_META_KEY]: capabilities,
      [CLIENT_INFO_META_KEY]: fc.constant({ name: 'fuzz', version: '0' }),
      [LOG_LEVEL_META_KEY]: fc.constantFrom('debug', 'info', 'emergency'),
      progressToken: handles('token'),
      traceparent: fc.constant('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
    },
    { requiredKeys: [PROTOCOL_VERSION_META_KEY, CLIENT_CAPABILITIES_META_KEY] },
  )
  .map((meta): object => meta);

/** The `_meta` of a request of the 2025 era, if it has one. */
export const legacyMeta: fc.Arbitrary<object | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.record<object>({ progressToken: handles('token') }) },
  { weight: 1, arbitrary: fc.dictionary(texts, values, { maxKeys: 2 }) },
);

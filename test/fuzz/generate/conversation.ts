import fc from 'fast-check';
import { capabilities } from './envelope.js';
import type { Recipe } from './recipe.js';

const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

/** How a connection begins: at once, or by the handshake of the 2025 era. */
export const opening: fc.Arbitrary<readonly Recipe[]> = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  {
    weight: 4,
    arbitrary: fc.record({ version: fc.constantFrom(...VERSIONS), declared: capabilities }).map(handshake),
  },
);

/** `initialize` and what follows it. */
export function handshake({ version, declared }: { readonly version: string; readonly declared: object }): Recipe[] {
  const params = { protocolVersion: version, capabilities: declared, clientInfo: { name: 'fuzz', version: '0' } };
  return [
    { kind: 'request', call: { method: 'initialize', params }, meta: undefined },
    { kind: 'notification', method: 'notifications/initialized', params: undefined },
  ];
}

/** What is said in a conversation, and how many turns of the event loop the client waits before it goes on. */
export interface Step {
  readonly recipe: Recipe;
  readonly rest: number;
}

/** Steps of a conversation: most follow on each other's heels, some only when the answer is there. */
export function stepsOf(recipe: fc.Arbitrary<Recipe>): fc.Arbitrary<readonly Step[]> {
  const rest = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(8) });
  return fc.array(fc.record({ recipe, rest }), { minLength: 1, maxLength: 40, size: 'max' });
}

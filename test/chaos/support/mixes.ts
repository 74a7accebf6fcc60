import type { Chance } from './chance.js';
import type { ToolUse } from './connection.js';

const echo = (chance: Chance): ToolUse => ({ tool: 'echo', args: { text: String(chance.below(1_000)) } });
const cached = (chance: Chance, keys: number, prefix = ''): ToolUse => ({
  tool: 'cached',
  args: { key: `${prefix}${chance.below(keys)}` },
});
const oneInFour =
  (use: ToolUse) =>
  (chance: Chance): ToolUse =>
    chance.below(4) === 0 ? use : echo(chance);

/** Mostly tools that answer, some that take up to `slowMs`, some that never do. */
const mixed =
  (cachedBelow: number, slowBelow: number, slowMs: number, prefix?: string) =>
  (chance: Chance): ToolUse => {
    const drawn = chance.below(100);
    if (drawn < 40) return echo(chance);
    if (drawn < cachedBelow) return cached(chance, 50, prefix);
    if (drawn < slowBelow) return { tool: 'slow', args: { ms: chance.below(slowMs) } };
    return { tool: 'hang' };
  };

/** What loads consist of, by name: the callers are in a process of their own, to which no function can be handed. */
export const MIXES = {
  echo,
  same: (): ToolUse => ({ tool: 'echo', args: { text: 'x' } }),
  redis: mixed(90, 97, 200, 'load-'),
  ending: mixed(80, 95, 1_000),
  cached: (chance: Chance): ToolUse => (chance.below(2) === 0 ? echo(chance) : cached(chance, 20)),
  hanging: oneInFour({ tool: 'hang' }),
  broken: oneInFour({ tool: 'broken', args: { broken: true } }),
  repaired: oneInFour({ tool: 'broken', args: { broken: false } }),
  leaking: (): ToolUse => ({ tool: 'leak' }),
  large: oneInFour({ tool: 'large', args: { bytes: 2 * 1_048_576 } }),
  stuck: (): ToolUse => ({ tool: 'stuck' }),
} as const satisfies Readonly<Record<string, (chance: Chance) => ToolUse>>;

/** The name of one of {@link MIXES}. */
export type Mix = keyof typeof MIXES;

/** The seed of a run that asks for no other: CI tries the same inputs every time. */
const DEFAULT_SEED = 20_260_728;

/** How many inputs a run sends that asks for no other number. */
const DEFAULT_RUNS = 200_000;

/** What the specs of this folder send, in parts of the whole. */
const SHARES = {
  memory: 0.36,
  stdio: 0.16,
  http: 0.26,
  sockets: 0.05,
  raw: 0.02,
  principals: 0.08,
  rounds: 0.02,
  tasks: 0.02,
  subscriptions: 0.01,
  resumption: 0.02,
};

/** `FUZZ_SEED`: a number, or `random` to try something new; what failed is tried again with the number it printed. */
export const SEED = seedOf(process.env['FUZZ_SEED']);

/** `FUZZ_RUNS`: how many inputs all specs of this folder send together. */
export const RUNS = Number(process.env['FUZZ_RUNS'] ?? DEFAULT_RUNS);

/** How many inputs one spec sends. */
export function shareOf(part: keyof typeof SHARES): number {
  return Math.ceil(RUNS * SHARES[part]);
}

function seedOf(given: string | undefined): number {
  if (given === 'random') return Math.floor(Math.random() * 2 ** 31);
  return Number(given ?? DEFAULT_SEED);
}

import { Chance } from './chance.js';
import { Connection, type Seen } from './connection.js';
import { MIXES, type Mix } from './mixes.js';

/** Who calls what; it travels between processes. */
export interface CallersPlan {
  readonly urls: readonly string[];
  /** One caller for each. */
  readonly keys: readonly string[];
  readonly seed: number;
  readonly mix: Mix;
}

/** What the process of the callers is told. */
export type Order =
  | { readonly kind: 'begin'; readonly plan: CallersPlan }
  | { readonly kind: 'change'; readonly mix: Mix }
  | { readonly kind: 'stop' };

/** What it tells. */
export type News = { readonly kind: 'seen'; readonly seen: readonly Seen[] } | { readonly kind: 'over' };

/** How long answers are gathered before they are told of. */
const GATHERED_MS = 5;

/** So many callers who call one after another until they are told to stop. */
class Callers {
  readonly #connections: readonly Connection[];
  readonly #lanes: readonly Promise<void>[];
  readonly #chance: Chance;
  #mix: Mix;
  #stopping = false;

  constructor(
    { urls, keys, seed, mix }: CallersPlan,
    private readonly tell: (seen: Seen) => void,
  ) {
    this.#chance = new Chance(seed);
    this.#mix = mix;
    this.#connections = keys.map((key, lane) => new Connection(urls[lane % urls.length] ?? '', key));
    this.#lanes = this.#connections.map((connection) => this.#callOn(connection));
  }

  change(mix: Mix): void {
    this.#mix = mix;
  }

  /** Lets every call under way end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#lanes);
    for (const connection of this.#connections) connection.close();
  }

  async #callOn(connection: Connection): Promise<void> {
    while (!this.#stopping) {
      const seen = await connection.call(MIXES[this.#mix](this.#chance));
      this.tell(seen);
      // Whoever is sent away does not come back.
      if (seen.code === 'draining' || seen.code === 'lost') return;
    }
  }
}

let callers: Callers | undefined;
let gathered: Seen[] = [];
const say = (news: News): void => void process.send?.(news);

function tellGathered(): void {
  if (gathered.length > 0) say({ kind: 'seen', seen: gathered });
  gathered = [];
}

function gather(seen: Seen): void {
  if (gathered.push(seen) === 1) setTimeout(tellGathered, GATHERED_MS);
}

async function stop(): Promise<void> {
  await callers?.stop();
  tellGathered();
  say({ kind: 'over' });
  process.disconnect();
}

/** The process of a load: its event loop does nothing but call, so that what it finds late is late. */
process.on('message', (order: Order) => {
  if (order.kind === 'begin') callers = new Callers(order.plan, gather);
  else if (order.kind === 'change') callers?.change(order.mix);
  else void stop();
});
// Whoever ordered it is gone.
process.on('disconnect', () => process.exit());

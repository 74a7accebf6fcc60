/** The part of autocannon's API that the benchmark uses; the package ships no types. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  interface Options {
    readonly url: string;
    readonly method: 'POST';
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly connections: number;
    /** How many requests to send in all. */
    readonly amount: number;
    /** The body that every answer must have; others count as mismatches. */
    readonly expectBody: string;
    /** How many errors or mismatches end the run. */
    readonly bailout: number;
    /** Milliseconds between two looks at whether the run is over. */
    readonly sampleInt: number;
  }

  interface Result {
    readonly '2xx': number;
    readonly non2xx: number;
    readonly errors: number;
    readonly timeouts: number;
    readonly mismatches: number;
  }

  /** A run under way: awaiting it gives the result, `response` events tell of each answer. */
  interface Run extends EventEmitter, PromiseLike<Result> {
    stop(): void;
    on(
      event: 'response',
      listener: (client: unknown, status: number, bytes: number, milliseconds: number) => void,
    ): this;
  }

  export default function autocannon(options: Options): Run;
}

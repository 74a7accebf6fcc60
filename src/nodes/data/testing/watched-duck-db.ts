import { DuckDb, type DuckDbRun } from '../duckdb/duck-db.js';

/** The engine itself, which shows its runs to whoever looks before and after their work. */
export class WatchedDuckDb extends DuckDb {
  before: (run: DuckDbRun) => void = () => {};
  after: (run: DuckDbRun) => Promise<void> = async () => {};

  override async run<T>(signal: AbortSignal, work: (run: DuckDbRun) => Promise<T>): Promise<T> {
    return await super.run(signal, async (run) => {
      this.before(run);
      const done = await work(run);
      await this.after(run);
      return done;
    });
  }

  /** Shows nothing any more. */
  unwatched(): void {
    this.before = () => {};
    this.after = async () => {};
  }
}

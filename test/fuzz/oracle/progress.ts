import { isObject } from '../../../src/core/index.js';
import { show } from './show.js';

/** How far a request has come that may report. */
export interface Reporting {
  /** How many requests had its id, and how many answers. */
  readonly due: number;
  readonly got: number;
  /** Whether nothing may come for it any more. */
  readonly silent: boolean;
}

/** Keeps account of progress: who asked for it by which token, and how far that has come. */
export class Progress {
  readonly #reporting = new Map<unknown, Set<Reporting>>();
  readonly #latest = new Map<Reporting, number>();

  /** A request goes out with this token, which others may have used before. */
  asked(token: unknown, request: Reporting): void {
    const sharing = this.#reporting.get(token) ?? new Set();
    this.#reporting.set(token, sharing.add(request));
  }

  /** What is wrong with a notification of progress. */
  problem(message: Readonly<Record<string, unknown>>): string | undefined {
    const { progressToken, progress } = isObject(message['params']) ? message['params'] : {};
    const sharing = [...(this.#reporting.get(progressToken) ?? [])];
    const open = sharing.filter(({ due, got, silent }) => got < due && !silent);
    const [request] = open;
    if (sharing.length === 0) return `progress nobody asked for: ${show(message)}`;
    if (request === undefined) {
      const ended = sharing.some(({ silent }) => silent) ? 'a cancelled' : 'an answered';
      return `progress of ${ended} request: ${show(message)}`;
    }
    // Of which of several with one token or one id it tells cannot be told.
    if (sharing.length > 1 || request.due > 1) return undefined;
    const latest = this.#latest.get(request) ?? Number.NEGATIVE_INFINITY;
    this.#latest.set(request, Number(progress));
    return Number(progress) > latest ? undefined : `progress back: ${show(message)}`;
  }
}

/** One event of a stream that a client may come back for. */
export interface LoggedEvent<Stream = number> {
  readonly stream: Stream;
  readonly sequence: number;
  readonly data: string;
}

/** The most that one session's events may hold. */
const MAX_EVENTS = 512;
const MAX_CHARACTERS = 1_048_576;

/** The latest events of a session, oldest first, so that streams can be resumed (L/basic/transports, resumability). */
export class EventLog<Stream extends number | string = number> {
  readonly #events: LoggedEvent<Stream>[] = [];
  #characters = 0;

  add(event: LoggedEvent<Stream>): void {
    this.#events.push(event);
    this.#characters += event.data.length;
    while (this.#events.length > MAX_EVENTS || (this.#characters > MAX_CHARACTERS && this.#events.length > 1)) {
      this.#characters -= this.#events.shift()?.data.length ?? 0;
    }
  }

  /** Whether anything that a stream has sent is kept. */
  has(stream: Stream): boolean {
    return this.#events.some((event) => event.stream === stream);
  }

  /** What a stream has sent behind a sequence number. */
  after(stream: Stream, sequence: number): readonly LoggedEvent<Stream>[] {
    return this.#events.filter((event) => event.stream === stream && event.sequence > sequence);
  }
}

/** One event of a stream that a client may come back for. */
export interface LoggedEvent {
  readonly stream: number;
  readonly sequence: number;
  readonly data: string;
}

/** The most that one session's events may hold. */
const MAX_EVENTS = 512;
const MAX_CHARACTERS = 1_048_576;

/** The latest events of a session, oldest first, so that streams can be resumed (L/basic/transports, resumability). */
export class EventLog {
  readonly #events: LoggedEvent[] = [];
  #characters = 0;

  add(event: LoggedEvent): void {
    this.#events.push(event);
    this.#characters += event.data.length;
    while (this.#events.length > MAX_EVENTS || (this.#characters > MAX_CHARACTERS && this.#events.length > 1)) {
      this.#characters -= this.#events.shift()?.data.length ?? 0;
    }
  }

  /** What a stream has sent behind a sequence number. */
  after(stream: number, sequence: number): readonly LoggedEvent[] {
    return this.#events.filter((event) => event.stream === stream && event.sequence > sequence);
  }
}

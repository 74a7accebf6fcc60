/** One server-sent event. */
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/** Reads an event stream strictly, as it comes; what is no event stream is an error. */
export class EventReader {
  #read = 0;

  /** The events that have come since the last time. @throws Error at what is no event stream */
  take(body: string): readonly ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    for (let end = body.indexOf('\n\n', this.#read); end !== -1; end = body.indexOf('\n\n', this.#read)) {
      const block = body.slice(this.#read, end);
      this.#read = end + 2;
      const event = eventOf(block);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  /** Whether a stream of this much text ended between two events. */
  isWhole(body: string): boolean {
    return this.#read === body.length;
  }
}

function eventOf(block: string): ServerSentEvent | undefined {
  let id: string | undefined;
  let data: string | undefined;
  for (const line of block.split('\n')) {
    const [, field, value = ''] = /^(id|event|data|retry)?: ?(.*)$/s.exec(line) ?? [];
    if (line.startsWith(':')) continue;
    if (field === undefined || value.includes('\r')) throw new Error(`no line of an event: ${JSON.stringify(line)}`);
    if (field === 'id') id = value;
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
  }
  return data === undefined ? undefined : { id, data };
}

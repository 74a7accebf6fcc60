import type { EventStore } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { EventLog } from '../sessions/event-log.js';

/** What priming events carry, which only give a client an id to come back with. */
const NOTHING = '{}';

/**
 * The latest events of one session, from which the SDK's transport resumes streams.
 *
 * Deliberately without `getStreamIdForEventId`: with it the transport refuses a client that comes back before its lost
 * connection was noticed. Ids that are not of the session are refused before they get here.
 */
export class SdkEventStore implements EventStore {
  readonly #log = new EventLog<string>();
  #sequence = 0;

  storeEvent(stream: string, message: JSONRPCMessage): Promise<string> {
    const sequence = ++this.#sequence;
    this.#log.add({ stream, sequence, data: JSON.stringify(message) });
    return Promise.resolve(`${stream}.${sequence}`);
  }

  /** Whether an event was sent in this session, on a stream of which something is still kept. */
  knows(id: string): boolean {
    const event = parse(id);
    return event !== undefined && event.sequence <= this.#sequence && this.#log.has(event.stream);
  }

  /** Also sends what is stored meanwhile. */
  async replayEventsAfter(
    id: string,
    { send }: { readonly send: (eventId: string, message: JSONRPCMessage) => Promise<void> },
  ): Promise<string> {
    const event = parse(id);
    if (event === undefined) throw new Error(`${id} is not the id of an event.`);
    const { stream } = event;
    let last = event.sequence;
    for (let missed = this.#log.after(stream, last); missed.length > 0; missed = this.#log.after(stream, last)) {
      for (const { sequence, data } of missed) {
        if (data !== NOTHING) await send(`${stream}.${sequence}`, JSON.parse(data) as JSONRPCMessage);
        last = sequence;
      }
    }
    return stream;
  }
}

/** Streams are named by the transport, and have no dot in their names. */
function parse(id: string): { readonly stream: string; readonly sequence: number } | undefined {
  const [, stream, sequence] = /^([^.]{1,64})\.(\d{1,15})$/.exec(id) ?? [];
  return stream === undefined ? undefined : { stream, sequence: Number(sequence) };
}

import type { InMemoryTransport, Principal } from '../../../src/index.js';
import type { AnswerRecipe } from '../generate/answers.js';
import { Channel, type ChannelOptions } from './channel.js';

/** A client in memory. */
export interface MemoryPeer {
  readonly channel: Channel;
  /** Everything that the server sent, parsed. */
  readonly heard: readonly unknown[];
  close(): Promise<void>;
}

/** Connects a client in memory, as somebody or as nobody. */
export async function memoryPeer(
  memory: InMemoryTransport,
  answers: readonly AnswerRecipe[] = [],
  principal?: Principal,
  options?: ChannelOptions,
): Promise<MemoryPeer> {
  const transport = memory.connect(principal);
  const channel = new Channel((text) => void transport.send(JSON.parse(text)), answers, options);
  const heard: unknown[] = [];
  const onmessage = (message: unknown): void => {
    heard.push(message);
    channel.received(message);
  };
  Object.assign(transport, { onmessage });
  await transport.start();
  return { channel, heard, close: () => transport.close() };
}

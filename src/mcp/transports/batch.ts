import { ProtocolErrorCode, errorReply, type JsonRpcNotification, type JsonRpcRequest, type Reply } from '../wire.js';

/** The most messages that a batch may have. */
const MAX_BATCH = 50;

/** What is done with each kind of message. */
export interface BatchHandlers {
  /** `undefined` when the client gave it up. */
  request(message: JsonRpcRequest): Promise<Reply | undefined>;
  notification(message: JsonRpcNotification): void;
  response(message: Readonly<Record<string, unknown>>): void;
}

/** Whether a batch may be sent: only that one revision had them (L 2025-03-26, basic: batching). */
export function isBatchable(protocolVersion: string, messages: readonly unknown[]): boolean {
  return protocolVersion <= '2025-03-26' && messages.length > 0 && messages.length <= MAX_BATCH;
}

/** Answers the requests of a batch together; `undefined` when it holds none that wants an answer. */
export async function answerBatch(messages: readonly unknown[], handlers: BatchHandlers): Promise<Reply | undefined> {
  const replies: Promise<Reply | undefined>[] = [];
  for (const message of messages as readonly JsonRpcRequest[]) {
    if (!('method' in message)) handlers.response(message);
    else if (!('id' in message)) handlers.notification(message);
    else if (message.method === 'initialize') replies.push(Promise.resolve(initializeInBatch(message)));
    else replies.push(handlers.request(message));
  }
  const bodies = (await Promise.all(replies)).flatMap((reply) => reply?.body ?? []);
  if (bodies.length === 0) return undefined;
  return { body: `[${bodies.join(',')}]`, status: 200 };
}

function initializeInBatch({ id }: JsonRpcRequest): Reply {
  return errorReply(id, 200, ProtocolErrorCode.InvalidRequest, 'initialize must not be part of a batch');
}

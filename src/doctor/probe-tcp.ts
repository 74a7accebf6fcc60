import { connect } from 'node:net';
import { redactText } from '../core/index.js';

/** What keeps a connection from being made, for people. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the name servers do not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the connection was ended by the other side',
};

/** Makes a TCP connection and ends it. @throws the system's error, or that of the signal */
export async function probeTcp(host: string, port: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** An error of the network in words, with its code. Looks through the causes, as `fetch` hides its own; others wrote it, so credentials are masked. */
export function reasonOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const first =
      cause instanceof AggregateError ? (cause.errors[0] as NodeJS.ErrnoException | undefined)?.code : undefined;
    const known = code ?? first;
    if (known !== undefined && REASONS[known] !== undefined) return `${REASONS[known]} (${known})`;
    if (cause.cause === undefined) {
      const said = redactText(cause.message);
      return known === undefined ? said : `${said} (${known})`;
    }
  }
  return redactText(String(error));
}

import { McpAuthGuard } from '../auth/index.js';
import { environmentPrincipal, readConfig } from '../bootstrap.js';
import { environmentCredential, processSource, type ConfigSource } from '../config/index.js';
import { connect, connectHttp, type McpClient } from '../connectors/index.js';
import { InMemoryTransport } from '../mcp/index.js';
import type { ServerChoice } from './context.js';
import { refusal } from './credential-refusal.js';
import { openApplication } from './in-process.js';
import { checkedUrl } from './server-url.js';

/**
 * Connects to the chosen server, with the credential of the environment; closing the client also stops a server that
 * was started for it.
 *
 * @throws CommandFailure saying what to set, when the server lets nobody in who does not say who they are
 */
export async function openClient({ url, overrides }: ServerChoice): Promise<McpClient> {
  const source = processSource(overrides);
  if (url === undefined) return connectInProcess(overrides, source);
  const credential = environmentCredential(source);
  try {
    return await connectHttp(checkedUrl(url).href, { credential });
  } catch (error) {
    if (!isUnauthenticated(error)) throw error;
    throw refusal(credential, 'The server');
  }
}

async function connectInProcess(overrides: ServerChoice['overrides'], source: ConfigSource): Promise<McpClient> {
  const app = await openApplication(readConfig(overrides), 'warn');
  try {
    const principal = await environmentPrincipal(app, source);
    if (principal === undefined && app.get(McpAuthGuard).required) throw refusal(undefined, 'This configuration');
    const client = await connect(app.get(InMemoryTransport).connect(principal));
    const close = async (): Promise<void> => {
      await client.close();
      await app.close();
    };
    return { ...client, close };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** Whether a server answered 401; the client's library says so in the `status` of an error or of its data. */
function isUnauthenticated(error: unknown, depth = 4): boolean {
  if (!(error instanceof Error) || depth === 0) return false;
  const { status, data } = error as { readonly status?: unknown; readonly data?: { readonly status?: unknown } };
  return status === 401 || data?.status === 401 || isUnauthenticated(error.cause, depth - 1);
}

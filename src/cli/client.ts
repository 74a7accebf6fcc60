import { connect, connectHttp, type McpClient } from '../connectors/index.js';
import { createApplication, readConfig } from '../bootstrap.js';
import { InMemoryTransport } from '../mcp/index.js';
import { UsageError } from './exit-code.js';
import type { ServerChoice } from './context.js';

/** A server in this process says nothing but warnings: what is asked for is the answer of a tool. */
const QUIET = { path: 'monitoring.logging.level', text: 'warn', label: 'rookery' };

/** Connects to the chosen server; closing the client also stops a server that was started for it. */
export async function openClient({ url, overrides }: ServerChoice): Promise<McpClient> {
  return url === undefined ? startInProcess(overrides) : connectHttp(checkedUrl(url).href);
}

async function startInProcess(overrides: ServerChoice['overrides']): Promise<McpClient> {
  const app = await createApplication(readConfig({ ...overrides, values: [...(overrides.values ?? []), QUIET] }));
  try {
    const client = await connect(app.get(InMemoryTransport).connect());
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

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new UsageError('--url must be an http or https address, as http://127.0.0.1:3000/mcp');
}

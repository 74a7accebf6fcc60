import type { AppConfig } from '../app.module.js';
import { mcpUrl } from '../config/index.js';
import { UsageError } from './exit-code.js';

/** The endpoint at which the server of a configuration is reached: `publicUrl`, or host and port, with `/mcp`. */
export function serverUrl({ publicUrl, host, port, tls }: Pick<AppConfig['server'], ServerKeys>): string {
  const url = mcpUrl({ publicUrl, host, port });
  return publicUrl === undefined && tls !== undefined ? url.replace(/^http:/, 'https:') : url;
}

type ServerKeys = 'publicUrl' | 'host' | 'port' | 'tls';

/** An address that the command line was given. @throws UsageError when it is none, or has a credential in it */
export function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new UsageError('--url must be an http or https address, as http://127.0.0.1:3000/mcp');
  }
  if (url.username === '' && url.password === '') return url;
  throw new UsageError('--url must have no user or password in it: put the credential into ROOKERY_API_KEY');
}

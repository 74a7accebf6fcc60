import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The path of a URL of `store`: `file:./a.db` and `file:a.db` begin at the working directory, `file:/a.db` and `file:///a.db` at the root. */
export function pathOf(url: string): string {
  if (url === ':memory:' || url === 'memory:') return ':memory:';
  return url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length));
}

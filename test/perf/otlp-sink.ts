import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';

/**
 * A collector that takes traces and counts their bytes, in a process of its own, so that what it costs is not what is
 * measured. `GET` answers how many there were.
 */
let bytes = 0;
const sink = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(String(bytes));
    return;
  }
  request.on('data', (chunk: Buffer) => (bytes += chunk.byteLength));
  request.on('end', () => response.end());
});
sink.listen(0, '127.0.0.1', () => {
  const { port } = sink.address() as AddressInfo;
  writeFileSync(1, `listening http://127.0.0.1:${port}\n`);
});

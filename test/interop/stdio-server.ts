import { fileURLToPath } from 'node:url';
import { createServer, StdioTransport } from '../../src/index.js';
import { reserveStdout } from '../../src/mcp/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';

/** The fixture server of the conformance suite over stdio. */
const output = reserveStdout();
const { app } = await createServer({
  name: 'rookery-interop',
  version: '1.0.0',
  imports: [FixturesModule],
  skills: { folder: fileURLToPath(new URL('../../../test/conformance/skills', import.meta.url)) },
});
await app.get(StdioTransport).serve({ input: process.stdin, output });
await app.close();

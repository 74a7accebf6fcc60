import { fileURLToPath } from 'node:url';
import { createServer } from '../../src/index.js';
import { FixturesModule } from './fixtures/fixtures.module.js';

/**
 * The fixture server alone, for the conformance suite and other clients: unauthenticated, on loopback.
 *
 * `PORT` (3100); `ADAPTER` (`native`): `sdk` serves the revisions before 2026 on the wire of `@modelcontextprotocol/sdk`.
 */
const { start } = await createServer({
  name: 'rookery-conformance',
  version: '1.0.0',
  port: Number(process.env['PORT'] ?? '3100'),
  adapter: process.env['ADAPTER'] === 'sdk' ? 'sdk' : 'native',
  imports: [FixturesModule],
  skills: { folder: fileURLToPath(new URL('../../../test/conformance/skills', import.meta.url)) },
});
process.stdout.write(`listening ${await start()}\n`);

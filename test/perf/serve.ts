import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { createServer } from '../../src/index.js';

/**
 * The server that the bench drives: `echo`, and copies of it. Reads no configuration; listens on loopback only.
 *
 * `PORT` (3200), `TOOLS` (1), `POLICIES` (`none`), `ADAPTER` (`native`).
 */
const { PORT = '3200', TOOLS = '1', POLICIES = 'none', ADAPTER } = process.env;
if (POLICIES !== 'none') {
  process.stderr.write(`POLICIES=${POLICIES} is not served; use POLICIES=none.\n`);
  process.exit(2);
}

const { server, start } = await createServer({
  name: 'bench',
  version: '0.0.0',
  port: Number(PORT),
  adapter: ADAPTER === 'sdk' ? 'sdk' : 'native',
});
for (let index = 0; index < Number(TOOLS); index++) {
  await server.registerTool(
    {
      name: index === 0 ? 'echo' : `echo${index}`,
      description: 'Answers with the text that it was sent.',
      inputSchema: z.object({ text: z.string().max(10_000) }),
    },
    ({ text }) => text,
  );
}
const url = await start();
writeFileSync(1, `listening ${url}\n`);

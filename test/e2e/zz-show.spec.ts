import { it } from 'vitest';
import { application } from '../../src/cli/application.js';
import { run } from '../../src/cli/program.js';
import { packageInfo } from '../../src/config/index.js';
import { appendFileSync } from 'node:fs';
it('x', async () => {
  for (const argv of [['nodes','list'],['nodes','show','SwitchNode'],['nodes','show','CSVReaderNode'],['nodes','show','DataTransformer'],['nodes','show','MergeNode'],['nodes','--help'],['nodes','show','--help']])
    await run(argv, { out: (t) => appendFileSync('/tmp/nodes-show/out', t), err: (t) => appendFileSync('/tmp/nodes-show/out', t), source: (o) => ({ ...o, env: {}, cwd: '/tmp/nodes-show', packageDirectory: packageInfo().directory }), application });
});

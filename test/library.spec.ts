import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '..');

describe('the package', () => {
  it('installs into a fresh Nest application, which type-checks, passes its tests and serves', async () => {
    const script = spawn(process.execPath, ['scripts/library-test.mjs'], { cwd: repository });
    let shown = '';
    for (const stream of [script.stdout, script.stderr])
      stream.on('data', (text: Buffer) => (shown += text.toString()));
    const [code] = await once(script, 'close');
    expect(code, shown).toBe(0);
  }, 300_000);
});

import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const built = resolve(import.meta.dirname, '../../dist-test/src');
const entries = { '.': 'index.js', './testing': 'testing/index.js', './adapters': 'adapters/index.js' };

/** What plain node sees when it imports the built file. */
async function exportsOf(file: string): Promise<readonly string[]> {
  const url = pathToFileURL(resolve(built, file)).href;
  const program = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(url)}))))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return (JSON.parse(stdout) as string[]).toSorted();
}

/** A new name is a decision: `npm run surface:update` writes it down, a review takes it. */
it('exports the names of public-surface.json and no others', async () => {
  const names = await Promise.all(
    Object.entries(entries).map(async ([entry, file]) => [entry, await exportsOf(file)] as const),
  );
  const surface = `${JSON.stringify(Object.fromEntries(names), null, 2)}\n`;
  await expect(surface).toMatchFileSnapshot('public-surface.json');
});

import { execFile } from 'node:child_process';
import { chownSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunnerReport } from '../../src/nodes/code/index.js';
import { pythonWithPandas } from '../support/python/index.js';
import { descendants, temporaryFolder } from './support/code-runners.js';

const PROGRAM = 'dist-test/test/e2e/support/code-child.js';
/** Of nobody on this machine. */
const UID = 31_415;
const SETPRIV = '/usr/bin/setpriv';
const SECONDS = 1_000;

/** Takes the right to make user namespaces away from what it starts. */
const WITHOUT_NAMESPACES = [
  ...'/usr/bin/unshare --user --map-current-user --keep-caps /bin/sh -c'.split(' '),
  `echo 0 > /proc/sys/user/max_user_namespaces && exec ${SETPRIV} --inh-caps=-all --ambient-caps=-all -- "$@"`,
  'sh',
];

/** What the program prints. */
interface Answer {
  readonly uid: number;
  readonly report: Readonly<Record<string, RunnerReport>>;
  readonly python: unknown;
  readonly javascript: unknown;
}

describe('code of a server that is not root', { timeout: 90 * SECONDS }, () => {
  const folder = temporaryFolder();

  beforeAll(async () => {
    await pythonWithPandas();
    if (process.getuid?.() === 0) chownSync(folder.path, UID, UID);
  }, 300 * SECONDS);
  afterAll(() => folder.remove());

  async function answerOf(runners: readonly string[], before: readonly string[] = []): Promise<Answer> {
    const python = { runners, poolSize: 1, pyodidePoolSize: 1, preload: [] };
    const options = JSON.stringify({ cacheDirectory: folder.path, python, javascript: { poolSize: 0 } });
    const asSomebody =
      process.getuid?.() === 0 ? [SETPRIV, `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups', '--'] : [];
    const command = [...asSomebody, ...before, process.execPath, PROGRAM, options];
    const { stdout } = await promisify(execFile)('/usr/bin/env', command, { env: {} });
    expect(descendants()).toEqual([]);
    return JSON.parse(stdout) as Answer;
  }

  it('[N3] runs in bubblewrap', async () => {
    const { uid, report, python } = await answerOf(['bwrap-python', 'pyodide']);
    expect(uid).not.toBe(0);
    expect(report).toMatchObject({
      'bwrap-python': { state: 'used', selfTest: { passed: true } },
      pyodide: { state: 'spare' },
      quickjs: { state: 'used' },
    });
    expect(python).toMatchObject({ result: 42, runner: 'bwrap-python' });
  });

  it('[N3] runs in pyodide and QuickJS with every wall', async () => {
    const { report, python, javascript } = await answerOf(['pyodide']);
    expect(report).toMatchObject({ pyodide: { state: 'used' }, quickjs: { state: 'used' } });
    const isolation: unknown = expect.arrayContaining(['network', 'processes', 'memory']);
    expect(python).toMatchObject({ result: 42, runner: 'pyodide', isolation });
    expect(javascript).toMatchObject({ result: 42, runner: 'quickjs', isolation });
  });

  it('[N3] runs in pyodide where user namespaces are forbidden, and claims no network wall', async () => {
    const { report, python } = await answerOf(['bwrap-python', 'pyodide'], WITHOUT_NAMESPACES);
    const reason: unknown = expect.stringMatching(/max_\*_namespaces exceeded.*allow them to the server/s);
    expect(report).toMatchObject({
      'bwrap-python': { state: 'refused', selfTest: { reason } },
      pyodide: { state: 'used' },
      quickjs: { state: 'used' },
    });
    expect(python).toMatchObject({ result: 42, runner: 'pyodide' });
    expect((python as { isolation: readonly string[] }).isolation.toSorted()).toEqual(
      ['environment', 'files', 'memory', 'output', 'time'].toSorted(),
    );
  });

  it('[N3] is refused where user namespaces are forbidden and bubblewrap is all there may be', async () => {
    const { python } = await answerOf(['bwrap-python'], WITHOUT_NAMESPACES);
    expect(python).toMatch(/no working runner for python code.*Where user namespaces are forbidden/s);
  });
});

import { access, constants } from 'node:fs/promises';
import type { CodeOptions } from '../code.options.js';
import type { CodeLanguage, SelfTestResult } from '../code-runner.js';
import { PYTHON_JOB } from '../python/python-job.js';
import { pythonProgram } from '../python/python-worker.js';
import type { SandboxCommand } from '../sandbox/sandbox.js';
import { SandboxedRunner } from '../sandbox/sandboxed-runner.js';
import { provesIsolation } from '../sandbox/self-test.js';
import { bubblewrapArguments } from './bubblewrap-arguments.js';
import { findPython } from './python-installation.js';
import { seccompFilter } from './seccomp-filter.js';

/** Nobody, as most systems number it. */
const NOBODY = 65_534;

/** The keys that a {@link BubblewrapPythonRunner} needs. */
export type BubblewrapPythonOptions = Pick<CodeOptions, 'maxInputBytes' | 'maxOutputBytes' | 'keepPrintedBytes'> & {
  readonly python: Pick<CodeOptions['python'], 'poolSize' | 'preload' | 'executable' | 'bubblewrap'>;
};

/**
 * The system's Python in bubblewrap, on Linux: new namespaces, no capability, a seccomp filter that lets through what
 * is on its list, resource limits, Python's own files and nothing else. A server that is root starts it as nobody.
 *
 * It does not protect from faults of the kernel, from timing of shared processors and caches, and from code that uses
 * all of its processor's time until its timeout. Up to 64 MiB of files in `/tmp` come on top of the memory limit.
 */
export class BubblewrapPythonRunner extends SandboxedRunner {
  override readonly name = 'bwrap-python';
  override readonly language: CodeLanguage = 'python';
  override readonly isolation = [
    'files',
    'environment',
    'network',
    'processes',
    'users',
    'ipc',
    'system-calls',
    'memory',
    'time',
    'output',
  ];
  #command: Promise<SandboxCommand> | undefined;

  constructor(private readonly options: BubblewrapPythonOptions) {
    super(options, options.python.poolSize);
  }

  override async selfTest(): Promise<SelfTestResult> {
    const { bubblewrap, executable } = this.options.python;
    if (process.platform !== 'linux') return refused('bubblewrap needs Linux.');
    if (seccompFilter(process.arch) === undefined) {
      return refused(`There is no system call filter for ${process.arch}; x64 and arm64 have one.`);
    }
    for (const [path, debianPackage, key] of [
      [bubblewrap, 'bubblewrap', 'bubblewrap'],
      [executable, 'python3', 'executable'],
    ] as const) {
      if (!(await isExecutable(path))) {
        return refused(`${path} is missing: install the package ${debianPackage}, or set nodes.code.python.${key}.`);
      }
    }
    const result = await provesIsolation(this, 'python');
    if (result.passed) return result;
    return refused(
      `${result.reason} Where user namespaces are forbidden (containers' default profiles), allow them to the server or leave bwrap-python out of python.runners.`,
    );
  }

  protected override async command(): Promise<SandboxCommand> {
    this.#command ??= this.#prepare();
    return await this.#command.catch((error: unknown) => {
      this.#command = undefined;
      throw error;
    });
  }

  protected override get missingModuleHint(): string {
    return 'This runner has what is installed for the Python of the system: NumPy, pandas and SciPy are the Debian packages python3-numpy, python3-pandas and python3-scipy.';
  }

  async #prepare(): Promise<SandboxCommand> {
    const { bubblewrap, executable, preload } = this.options.python;
    const python = await findPython(executable);
    const nobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    return {
      file: bubblewrap,
      args: bubblewrapArguments(python, process.arch, pythonProgram(PYTHON_JOB, preload)),
      extra: seccompFilter(process.arch),
      ...nobody,
    };
  }
}

function refused(reason: string): SelfTestResult {
  return { passed: false, reason: `bwrap-python: ${reason}` };
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeOptions } from '../code.options.js';
import type { CodeJob, CodeLanguage, SelfTestResult } from '../code-runner.js';
import { PYTHON_JOB } from '../python/python-job.js';
import {
  confinedNode,
  findNodeConfinement,
  isolationOf,
  limitMemory,
  programOf,
  type NodeConfinement,
} from '../sandbox/node-confinement.js';
import type { SandboxCommand } from '../sandbox/sandbox.js';
import { SandboxedRunner } from '../sandbox/sandboxed-runner.js';
import { provesIsolation } from '../sandbox/self-test.js';
import { memorySnapshot } from './memory-snapshot.js';
import { pyodideChild, type PyodideArguments } from './pyodide-child.js';

/** What V8, its code and what Python gives to JavaScript take besides WebAssembly's memory. */
const BESIDES_MB = 384;
const HEAP_MB = 128;

/** The keys that a {@link PyodideRunner} needs. */
export type PyodideOptions = Pick<
  CodeOptions,
  'maxInputBytes' | 'maxOutputBytes' | 'keepPrintedBytes' | 'maxMemoryLimitMb' | 'maxTimeoutMs' | 'cacheDirectory'
> & { readonly python: Pick<CodeOptions['python'], 'pyodidePoolSize'> };

/**
 * Python's standard library in WebAssembly, in a child process of Node that may read pyodide's folder only and compiles
 * no text. Works wherever Node does, without pandas.
 *
 * It does not protect from faults of V8 and, where the machine has no user namespaces (`network` is missing in
 * {@link isolation}), from code that finds a way around the missing APIs to the network. The memory limit binds
 * WebAssembly, which is all that Python's objects live in. What Python hands to JavaScript and the files it writes lie
 * outside of it: the whole process is bound by the memory limit and 384 MB more where there is `prlimit`, and not at all
 * elsewhere (`memory` is missing in {@link isolation}).
 */
export class PyodideRunner extends SandboxedRunner {
  override readonly name = 'pyodide';
  override readonly language: CodeLanguage = 'python';
  #isolation: readonly string[] = [];
  #confinement: NodeConfinement = { namespaces: false, memory: false };
  #command: Promise<SandboxCommand> | undefined;
  #snapshot = 'none';

  constructor(private readonly options: PyodideOptions) {
    super(options, options.python.pyodidePoolSize);
  }

  override get isolation(): readonly string[] {
    return this.#isolation;
  }

  override async selfTest(): Promise<SelfTestResult> {
    const result = await provesIsolation(this, 'python');
    if (!result.passed) return { passed: false, reason: `pyodide: ${result.reason}` };
    return { ...result, details: { ...result.details, snapshot: this.#snapshot } };
  }

  protected override async command(): Promise<SandboxCommand> {
    this.#command ??= this.#prepare();
    return await this.#command.catch((error: unknown) => {
      this.#command = undefined;
      throw error;
    });
  }

  protected override narrow(pid: number, { memoryLimitMb }: CodeJob): Promise<void> {
    return limitMemory(this.#confinement, pid, memoryLimitMb + BESIDES_MB);
  }

  protected override get missingModuleHint(): string {
    return "This runner (pyodide) has Python's standard library only. NumPy, pandas and SciPy need the runner bwrap-python: on Debian install bubblewrap, python3-numpy, python3-pandas and python3-scipy.";
  }

  async #prepare(): Promise<SandboxCommand> {
    const confinement = await findNodeConfinement();
    this.#confinement = confinement;
    this.#isolation = isolationOf(confinement);
    const manifest = createRequire(import.meta.url).resolve('pyodide/package.json');
    const folder = dirname(manifest);
    const program = programOf(pyodideChild);
    const { cacheDirectory, maxMemoryLimitMb, maxTimeoutMs } = this.options;
    const start = (mode: PyodideArguments[0], readable: readonly string[], snapshot: string): SandboxCommand =>
      confinedNode(confinement, program, {
        readable: [folder, ...readable],
        heapMb: HEAP_MB,
        dataMb: maxMemoryLimitMb + BESIDES_MB,
        cpuSeconds: Math.ceil(maxTimeoutMs / 1000) + 60,
        args: [mode, pathToFileURL(`${folder}/pyodide.mjs`).href, PYTHON_JOB, snapshot] satisfies PyodideArguments,
      });
    try {
      const { version } = createRequire(import.meta.url)('pyodide/package.json') as { readonly version: string };
      const dependsOn = [version, process.version, process.arch, program];
      const snapshot = await memorySnapshot(cacheDirectory, dependsOn, start('snapshot', [], ''));
      this.#snapshot = 'used';
      return start('serve', [resolve(cacheDirectory)], snapshot);
    } catch (error) {
      // Without it every sandbox starts from nothing, which takes seconds; the report says why.
      this.#snapshot = `none: ${error instanceof Error ? error.message : String(error)}`;
      return start('serve', [], '');
    }
  }
}

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeOptions } from '../code.options.js';
import type { CodeLanguage, SelfTestResult } from '../code-runner.js';
import { confinedNode, findNodeConfinement, isolationOf, programOf } from '../sandbox/node-confinement.js';
import type { SandboxCommand } from '../sandbox/sandbox.js';
import { SandboxedRunner } from '../sandbox/sandboxed-runner.js';
import { provesIsolation } from '../sandbox/self-test.js';
import { quickJsChild, type QuickJsArguments } from './quickjs-child.js';
import { QUICKJS_GUEST } from './quickjs-guest.js';

/** What Node and V8 take besides WebAssembly's memory, the request and the answer included. */
const BESIDES_MB = 512;
const HEAP_MB = 256;
/** What QuickJS' JavaScript side is made of. */
const PACKAGES = [
  'quickjs-emscripten',
  'quickjs-emscripten-core',
  '@jitl/quickjs-ffi-types',
  // Its index imports every variant.
  ...['release-sync', 'debug-sync', 'release-asyncify', 'debug-asyncify'].map(
    (kind) => `@jitl/quickjs-wasmfile-${kind}`,
  ),
];

/** The keys that a {@link QuickJsRunner} needs. */
export type QuickJsOptions = Pick<
  CodeOptions,
  'maxInputBytes' | 'maxOutputBytes' | 'keepPrintedBytes' | 'maxMemoryLimitMb' | 'maxTimeoutMs'
> & { readonly javascript: Pick<CodeOptions['javascript'], 'poolSize'> };

/**
 * JavaScript in QuickJS, an interpreter in WebAssembly, in a child process of Node that may read QuickJS' own folders
 * only. The code has ECMAScript and `console`: no `process`, `require`, `import`, `fetch` or timers.
 *
 * The child is a second wall that matters only when QuickJS and WebAssembly have failed; where the machine has no user
 * namespaces that wall does not stop a connection (`network` is missing in {@link isolation}).
 */
export class QuickJsRunner extends SandboxedRunner {
  override readonly name = 'quickjs';
  override readonly language: CodeLanguage = 'javascript';
  #isolation: readonly string[] = [];
  #command: Promise<SandboxCommand> | undefined;

  constructor(private readonly options: QuickJsOptions) {
    super(options, options.javascript.poolSize);
  }

  override get isolation(): readonly string[] {
    return this.#isolation;
  }

  override async selfTest(): Promise<SelfTestResult> {
    const result = await provesIsolation(this, 'javascript');
    return result.passed ? result : { passed: false, reason: `quickjs: ${result.reason}` };
  }

  protected override async command(): Promise<SandboxCommand> {
    this.#command ??= this.#prepare();
    return await this.#command.catch((error: unknown) => {
      this.#command = undefined;
      throw error;
    });
  }

  async #prepare(): Promise<SandboxCommand> {
    const confinement = await findNodeConfinement();
    this.#isolation = isolationOf(confinement);
    const own = createRequire(import.meta.url).resolve('quickjs-emscripten/package.json');
    const within = createRequire(createRequire(own).resolve('quickjs-emscripten-core'));
    const { maxMemoryLimitMb, maxTimeoutMs } = this.options;
    return confinedNode(confinement, programOf(quickJsChild), {
      readable: PACKAGES.map((name) => folderOf(within.resolve(name), name)),
      heapMb: HEAP_MB,
      dataMb: maxMemoryLimitMb + BESIDES_MB,
      cpuSeconds: Math.ceil(maxTimeoutMs / 1000) + 60,
      args: [pathToFileURL(`${dirname(own)}/dist/index.mjs`).href, QUICKJS_GUEST] satisfies QuickJsArguments,
    });
  }
}

/** The folder of a package, by a file in it: not every package shows its manifest. */
function folderOf(file: string, name: string): string {
  const end = `/node_modules/${name}/`;
  return file.slice(0, file.lastIndexOf(end) + end.length - 1);
}

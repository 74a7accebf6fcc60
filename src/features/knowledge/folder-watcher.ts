import { basename } from 'node:path';
import type { FSWatcher } from 'chokidar';

/** What a watcher is made from. */
export interface FolderWatcherOptions {
  readonly folders: readonly string[];
  /** How long changes are gathered: what comes in between is told together. */
  readonly delayMs: number;
  /** Something changed, or may have before all was watched; what, is for a scan to find out. */
  readonly onChange: () => void;
  /** Changes may be missed from now on: the system's limit of watches, as a rule. */
  readonly onError: (error: unknown) => void;
}

/** Tells that something in folders has changed, no more often than asked. Keeps no process alive. */
export class FolderWatcher {
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly options: FolderWatcherOptions) {}

  /** chokidar is loaded here: nothing needs it before the index is built. */
  async start(): Promise<void> {
    const { watch } = await import('chokidar');
    if (this.#closed) return;
    const roots = new Set(this.options.folders);
    const watcher = watch([...roots], {
      ignoreInitial: true,
      followSymlinks: false,
      persistent: false,
      ignored: (path) => !roots.has(path) && isIgnored(basename(path)),
    });
    this.#watcher = watcher;
    watcher.on('ready', () => this.#changed());
    watcher.on('all', () => this.#changed());
    watcher.on('error', (error) => this.options.onError(error));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#watcher?.close();
  }

  #changed(): void {
    if (this.#closed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.options.onChange();
    }, this.options.delayMs).unref();
  }
}

/** Hidden names, but not `..data`: a mounted Kubernetes ConfigMap changes by that link alone. */
function isIgnored(name: string): boolean {
  return name === 'node_modules' || (name.startsWith('.') && !name.startsWith('..'));
}

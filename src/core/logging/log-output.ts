/** What lines are written to: a stream, or whatever takes text. */
export interface LogDestination {
  write(text: string, written?: (error?: Error | null) => void): unknown;
  /** Characters or bytes that nobody has read yet, where that can be known. */
  readonly writableLength?: number | undefined;
}

/** Why a line was not written: too much waits for a reader, or the destination is closed or full. */
export type DropReason = 'slow' | 'failed';

/** So much may wait for a reader who is slow: an unread pipe must not fill the memory. */
export const MOST_WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Writes lines where they go, as long as somebody takes them. Never throws: a closed pipe or a full disk costs lines,
 * not the process.
 */
export class LogOutput {
  readonly #written = (error?: Error | null): void => {
    if (error !== undefined && error !== null) this.dropped('failed');
  };

  constructor(
    private readonly destination: LogDestination,
    private readonly dropped: (reason: DropReason) => void,
  ) {
    if (isEmitter(destination) && !destination.listeners('error').includes(heard)) destination.on('error', heard);
  }

  /** @returns whether the destination took it; what it does with it later is told by its callback */
  write(line: string): boolean {
    if ((this.destination.writableLength ?? 0) > MOST_WAITING_BYTES) {
      this.dropped('slow');
      return false;
    }
    try {
      this.destination.write(line, this.#written);
      return true;
    } catch {
      this.dropped('failed');
      return false;
    }
  }
}

/** The callback of the write has counted it. Without a listener the error would end the process. */
function heard(): void {
  // Nothing is left to do, and nowhere to say it.
}

interface Emitter {
  listeners(event: string): readonly unknown[];
  on(event: string, listener: () => void): unknown;
}

function isEmitter(destination: object): destination is Emitter {
  return 'on' in destination && 'listeners' in destination;
}

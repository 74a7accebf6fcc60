import { readFileSync } from 'node:fs';
import { descendants } from './code-runners.js';

const EVERY_MS = 10;

/** Runs something, and the most mebibytes that any one process below this one was seen to hold meanwhile. */
export async function peakMemoryOf<T>(run: () => Promise<T>): Promise<{ readonly value: T; readonly peakMb: number }> {
  const before = new Set(descendants());
  let peakMb = 0;
  const look = (): void => {
    for (const pid of descendants()) if (!before.has(pid)) peakMb = Math.max(peakMb, heldBy(pid));
  };
  const timer = setInterval(look, EVERY_MS);
  try {
    return { value: await run(), peakMb };
  } finally {
    clearInterval(timer);
  }
}

/** The high-water mark of a process; 0 when it is gone. */
function heldBy(pid: number): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

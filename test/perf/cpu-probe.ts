/**
 * Preloaded into every measured server (`--import`): tells what the process has used when the benchmark asks.
 * `process.cpuUsage()` counts microseconds; `/proc/<pid>/stat` has steps of 10 ms.
 * When the benchmark goes away, the server goes too.
 */
import { memoryRequest, type MemoryReading, type Reading, readRequest } from './reading.js';

process.on('message', (message) => {
  if (message === readRequest) {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicroseconds: user + system, rssBytes: process.memoryUsage.rss() } satisfies Reading);
  } else if (message === memoryRequest) void tellMemory();
});
process.on('disconnect', () => process.exit());
process.channel?.unref();

/** What the first collection finalises, the second can free. */
async function tellMemory(): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('The memory is only known of a server run with --expose-gc.');
  for (let collection = 1; collection <= 2; collection += 1) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  process.send?.({ heapUsed, external } satisfies MemoryReading);
}

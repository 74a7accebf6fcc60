/**
 * Preloaded into every measured server (`--import`): tells what the process has used when the benchmark asks.
 * `process.cpuUsage()` counts microseconds; `/proc/<pid>/stat` has steps of 10 ms.
 * When the benchmark goes away, the server goes too.
 */
import { type Reading, readRequest } from './reading.js';

process.on('message', (message) => {
  if (message !== readRequest) return;
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicroseconds: user + system, rssBytes: process.memoryUsage.rss() } satisfies Reading);
});
process.on('disconnect', () => process.exit());
process.channel?.unref();

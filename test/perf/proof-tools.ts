import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Policy, StandaloneServer } from '../../src/index.js';
import { MetricsServer } from '../../src/monitoring/index.js';
import type { Feature } from './features.js';

/** Milliseconds for which `held` runs, and those of `late`, which gets a tenth of them. */
const [holdMs, lateMs] = [50, 1_000];

/**
 * Adds the tools by which it is proved that features are on. They are there wherever anything is on, as the proof of a
 * feature must meet its tool where the feature is missing; what they ask of a feature, only where that one is on.
 *
 * @param executions - how often `echo` has run
 */
export async function registerProofTools(
  { server, app }: Pick<StandaloneServer, 'server' | 'app'>,
  on: ReadonlySet<Feature>,
  executions: () => number,
): Promise<void> {
  const add = (name: string, description: string, policy: Policy | false, run: () => string | Promise<string>) =>
    server.registerTool(
      { name, description, inputSchema: z.object({ text: z.string() }), ...(policy === false ? {} : policy) },
      run,
    );
  if (on.size === 0) return;
  const closed = on.has('permissions') && { requiredPermissions: ['closed:call'] };
  await add('closed', 'Nobody may call it, where there are permissions.', closed, () => 'open');
  await add('executions', 'How often echo has run.', false, () => `${executions()}`);
  await add('broken', 'Fails.', on.has('breaker') && { breaker: { failureThreshold: 2 } }, () => {
    throw new Error('broken');
  });
  let running = 0;
  await add('held', 'How many of it run.', on.has('concurrency') && { maxConcurrency: 1 }, async () => {
    const many = ++running;
    await wait(holdMs);
    running--;
    return `${many}`;
  });
  const hurried = on.has('deadline') && { timeoutMs: lateMs / 10 };
  await add('late', 'Takes its time.', hurried, () => wait(lateMs, 'late'));
  if (!on.has('metrics')) return;
  await add('metrics_at', 'Where the page of metrics is.', false, () => app.get(MetricsServer).url ?? '');
}

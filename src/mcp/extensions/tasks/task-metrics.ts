import type { Telemetry } from '../../../core/index.js';
import type { LiveTask } from './live-task.js';
import type { TaskStatus } from './task.js';

/**
 * Shows the tasks whose handlers run in this process by their state, and counts their ends.
 *
 * @returns what is to be told of each end
 */
export function liveTaskMetrics(
  telemetry: Telemetry,
  live: () => Iterable<LiveTask>,
): (state: TaskStatus | undefined) => void {
  const tasks = telemetry.gauge({
    name: 'rookery_tasks',
    help: 'Tasks that run in this process, by state: working, or input_required while their client is asked.',
    labels: ['state'],
    collect: () => {
      const found = { working: 0, input_required: 0 };
      for (const task of live()) found[task.waiting ? 'input_required' : 'working']++;
      working.set(found.working);
      inputRequired.set(found.input_required);
    },
  });
  const [working, inputRequired] = [tasks.bind({ state: 'working' }), tasks.bind({ state: 'input_required' })];
  const ended = telemetry.counter({
    name: 'rookery_tasks_ended_total',
    help: 'Tasks that came to their end in this process, by state: completed, cancelled, failed.',
    labels: ['state'],
  });
  return (state = 'completed') => ended.bind({ state }).add(1);
}

import type { Logger } from '@nestjs/common';
import type { Delivery } from './delivery-queue.js';

/** Writes notifications to the log: `warn` when an alert fires, `log` when it is over. */
export function logAction(logger: Pick<Logger, 'warn' | 'log'>): Delivery {
  return {
    timeoutMs: 1_000,
    retries: 0,
    backoffMs: 1,
    async deliver({ status, alerts }): Promise<void> {
      await Promise.resolve();
      for (const { labels, annotations, startsAt } of alerts) {
        const { alertname: alert, severity } = labels;
        const line = {
          msg: status === 'firing' ? 'an alert fires' : 'an alert is over',
          alert,
          severity,
          ...annotations,
          startsAt,
        };
        if (status === 'firing') logger.warn(line);
        else logger.log(line);
      }
    },
  };
}

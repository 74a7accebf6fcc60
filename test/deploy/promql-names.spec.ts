import { expect, it } from 'vitest';
import { usedMetrics } from './promql-names.js';

it.each<readonly [string, ReturnType<typeof usedMetrics>]>([
  ['up', [{ name: 'up', labels: [] }]],
  ['rate(a_total{tool="b{c}", x=~"by (d)"}[5m])', [{ name: 'a_total', labels: ['tool', 'x'] }]],
  ['sum by (le, tool) (rate(a_bucket[$__rate_interval]))', [{ name: 'a_bucket', labels: ['le', 'tool'] }]],
  [
    'topk(10, a{job="x"}) / on (job) group_left b > 0.5e3',
    [
      { name: 'a', labels: ['job', 'job'] },
      { name: 'b', labels: ['job'] },
    ],
  ],
  [
    'job:a:rate5m > 1 and time() - b offset 5m',
    [
      { name: 'job:a:rate5m', labels: [] },
      { name: 'b', labels: [] },
    ],
  ],
])('%s uses %j', (expression, used) => {
  expect(usedMetrics(expression)).toEqual(used);
});

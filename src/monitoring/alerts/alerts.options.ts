import { z } from 'zod';
import { LONGEST_CONDITION, parseCondition } from './condition/parse.js';
import { ConditionFault } from './condition/syntax.js';
import { durationMs } from './duration.js';

/** Alerts of one server: each is looked at in every interval. */
const MOST_RULES = 200;
const LONGEST_MS = 30 * 86_400_000;

const name = z
  .string()
  .max(100)
  .regex(/^[a-zA-Z_][a-zA-Z0-9_-]*$/, 'a name has letters, digits, _ and -, as high_error_rate');

const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]{0,60}$/, 'a label has letters, digits and _');

/** A duration as `5m`, `30s` or `1h30m`; 30 days at the most. */
const duration = z.string().refine((text) => {
  const milliseconds = durationMs(text);
  return milliseconds !== undefined && milliseconds <= LONGEST_MS;
}, 'a duration is a number with ms, s, m, h or d, as 5m; 30d at the most');

const rule = z
  .strictObject({
    condition: z
      .string()
      .min(1)
      .max(LONGEST_CONDITION)
      .describe('When it is to be raised, as `error_rate > 0.05`; docs/guide/alerts.md has the language.'),
    duration: duration
      .optional()
      .describe('For how long the condition must hold before the alert fires; `0s` without it.'),
    for: duration.optional().describe('Another name of `duration`, as Prometheus has it.'),
    keepFiringFor: duration
      .default('0s')
      .describe('For how long the condition must have ceased before the alert is over.'),
    action: name
      .optional()
      .describe('The action that is taken when it fires and when it is over; `send_alert` without it.'),
    actions: z.array(name).min(1).max(20).optional().describe('Several of them, in the place of `action`.'),
    severity: z.string().min(1).max(60).default('warning').describe('The label `severity`.'),
    labels: z.record(labelName, z.string().max(500)).default({}).describe('Further labels.'),
    summary: z.string().max(1_000).optional().describe('A sentence for whoever is woken up.'),
    repeatInterval: duration
      .optional()
      .describe('An alert that keeps firing is said again after this; without it, it is said once.'),
  })
  .superRefine((given, context) => {
    const fault = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (given.duration !== undefined && given.for !== undefined && given.duration !== given.for) {
      fault('for', `says ${given.for}, and duration, which means the same, ${given.duration}; keep one of them`);
    }
    if (given.action !== undefined && given.actions !== undefined)
      fault('actions', 'stands beside action; keep one of them');
    try {
      parseCondition(given.condition);
    } catch (error) {
      if (!(error instanceof ConditionFault)) throw error;
      fault('condition', error.message);
    }
  });

const webhook = z
  .strictObject({
    type: z.literal('webhook').describe('A POST of JSON in the shape of the webhooks of Alertmanager.'),
    url: z
      .url({ protocol: /^https?$/, error: 'is an http: or https: address' })
      .refine((text) => !hasCredentials(text), 'has no user and password in it: use `secret`, which signs')
      .meta({ secret: true })
      .describe('Where it goes; redirects are not followed. It may hold a token in its path, so it is not shown.'),
    secret: z
      .string()
      .min(16)
      .optional()
      .meta({ secret: true })
      .describe('Signs what is sent: the header `X-Rookery-Signature` is an HMAC-SHA-256 with it.'),
    secretFile: z.string().min(1).optional().describe('The file that holds the secret.'),
    timeoutMs: z.int().min(1).max(60_000).default(5_000).describe('Milliseconds that one attempt gets.'),
    retries: z.int().min(0).max(20).default(8).describe('Further attempts after the first, each after a longer wait.'),
    backoffMs: z
      .int()
      .min(1)
      .max(60_000)
      .default(1_000)
      .describe('The wait before the second attempt, in milliseconds; it doubles, up to a minute, and varies by half.'),
  })
  .refine(({ secret, secretFile }) => secret === undefined || secretFile === undefined, {
    path: ['secretFile'],
    message: 'stands beside secret; keep one of them',
  });

const log = z.strictObject({ type: z.literal('log').describe('Lines of the log.') });

/** The section `monitoring.alerts`. */
export const alertsOptions = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the rules are watched in this process.'),
  rules: z
    .record(name, rule)
    .refine((rules) => Object.keys(rules).length <= MOST_RULES, `there are ${MOST_RULES} rules at the most`)
    .default({})
    .describe('What is watched, by name: every `metrics.collectionInterval`, with a condition each.'),
  actions: z
    .record(name, z.discriminatedUnion('type', [webhook, log]))
    .default({})
    .describe('What rules may do, by name. `send_alert` writes to the log unless it is defined here.'),
  window: duration
    .default('5m')
    .describe('Over what time rates and averages are taken where a condition does not say it, as `error_rate[10m]`.'),
  maxQueued: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('Notifications that wait for one action; of more the oldest is dropped, and counted.'),
  shutdownMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(3_000)
    .describe(
      'Milliseconds that notifications get to go out while the server stops; then they are dropped, and counted.',
    ),
});

/** The section `monitoring.alerts`, complete. */
export type AlertsOptions = z.output<typeof alertsOptions>;
/** A rule of it. */
export type AlertRuleOptions = AlertsOptions['rules'][string];
/** A webhook of it. */
export type WebhookOptions = Extract<AlertsOptions['actions'][string], { type: 'webhook' }>;

function hasCredentials(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username !== '' || password !== '';
}

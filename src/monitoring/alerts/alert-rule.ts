import type { MetricFamily } from '../../core/index.js';
import type { AlertPatience } from './alert-state.js';
import type { AlertRuleOptions, AlertsOptions } from './alerts.options.js';
import type { Condition } from './condition/condition.js';
import { parseCondition } from './condition/parse.js';
import { resolveCondition, type Resolving } from './condition/resolve.js';
import { ConditionFault } from './condition/syntax.js';
import { durationMs, durationText } from './duration.js';

/** The action of a rule that names none; the guide's. */
export const DEFAULT_ACTION = 'send_alert';

/** Samples that are kept of a series. */
const MOST_SAMPLES = 1_000;

/** A rule as it is watched. */
export interface AlertRule extends AlertPatience {
  readonly name: string;
  /** As it is written. */
  readonly text: string;
  readonly condition: Condition;
  readonly actions: readonly string[];
  readonly repeatMs: number | undefined;
  /** With `alertname` and `severity`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string | undefined;
}

/** A rule that cannot be watched, by the keys below `rules`. */
export interface RuleFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** What rules are read against. */
export interface RuleSituation {
  readonly families: readonly Pick<MetricFamily, 'type' | 'definition'>[];
  /** Milliseconds between two looks. */
  readonly intervalMs: number;
  /** The actions that there are. */
  readonly actions: ReadonlySet<string>;
}

/** The rules as they are watched, and everything that is wrong with them. */
export function alertRules(
  { rules, window }: Pick<AlertsOptions, 'rules' | 'window'>,
  { families, intervalMs, actions }: RuleSituation,
): { readonly rules: readonly AlertRule[]; readonly faults: readonly RuleFault[] } {
  const resolving: Resolving = {
    catalogue: new Map(families.map((family) => [family.definition.name, family])),
    windowMs: durationMs(window) ?? 0,
    leastWindowMs: 2 * intervalMs,
    mostWindowMs: (MOST_SAMPLES - 2) * intervalMs,
  };
  const known: AlertRule[] = [];
  const faults: RuleFault[] = [];
  for (const [name, options] of Object.entries(rules)) {
    const wanted = options.actions ?? [options.action ?? DEFAULT_ACTION];
    for (const action of wanted.filter((one) => !actions.has(one))) {
      const message = `there is no action ${action}; there are ${[...actions].join(', ')}, and more by monitoring.alerts.actions or @AlertAction('${action}')`;
      faults.push({ path: [name, options.actions === undefined ? 'action' : 'actions'], message });
    }
    try {
      known.push(ruleOf(name, options, wanted, resolveCondition(parseCondition(options.condition), resolving)));
    } catch (error) {
      if (!(error instanceof ConditionFault)) throw error;
      faults.push({ path: [name, 'condition'], message: `${error.message} (in: ${options.condition})` });
    }
  }
  return { rules: known, faults };
}

/** What holds for a rule besides its condition. */
function ruleOf(name: string, options: AlertRuleOptions, actions: readonly string[], condition: Condition): AlertRule {
  const { severity, labels, summary, repeatInterval, keepFiringFor, condition: text } = options;
  return {
    name,
    text,
    condition,
    actions: [...new Set(actions)],
    forMs: durationMs(options.duration ?? options.for ?? '0s') ?? 0,
    keepFiringForMs: durationMs(keepFiringFor) ?? 0,
    repeatMs: repeatInterval === undefined ? undefined : durationMs(repeatInterval),
    labels: { severity, ...labels, alertname: name },
    summary,
  };
}

/** A rule in one line, for people: `error_rate > 0.05 for 5m`. */
export function describeRule({ text, forMs }: Pick<AlertRule, 'text' | 'forMs'>): string {
  return forMs === 0 ? text : `${text} for ${durationText(forMs)}`;
}

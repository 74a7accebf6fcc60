import type { AlertRule } from './alert-rule.js';
import { promql, type PromqlScope } from './condition/promql.js';
import { durationText } from './duration.js';

/** A rule file of Prometheus, to be written as YAML. */
export interface PrometheusRuleFile {
  readonly groups: readonly {
    readonly name: string;
    readonly interval: string;
    readonly rules: readonly PrometheusRule[];
  }[];
}

/** An alerting rule of Prometheus. */
export interface PrometheusRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The rules as Prometheus watches them, with the same meaning. `keep_firing_for` needs Prometheus 2.42. */
export function prometheusRules(
  rules: readonly AlertRule[],
  intervalMs: number,
  scope: PromqlScope,
): PrometheusRuleFile {
  return {
    groups: [
      { name: 'rookery', interval: durationText(intervalMs), rules: rules.map((rule) => prometheusRule(rule, scope)) },
    ],
  };
}

function prometheusRule(rule: AlertRule, scope: PromqlScope): PrometheusRule {
  const { alertname: _, ...labels } = rule.labels;
  return {
    alert: rule.name,
    expr: promql(rule.condition, scope),
    ...(rule.forMs > 0 && { for: durationText(rule.forMs) }),
    ...(rule.keepFiringForMs > 0 && { keep_firing_for: durationText(rule.keepFiringForMs) }),
    labels: mapped(labels),
    annotations: mapped({ ...(rule.summary !== undefined && { summary: rule.summary }), condition: rule.text }),
  };
}

/** Braces mean something in templates of Prometheus, and nothing in ours. */
function mapped(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text.replaceAll('{{', '{{"{{"}}')]));
}

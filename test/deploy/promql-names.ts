/** A metric as an expression uses it. */
export interface UsedMetric {
  readonly name: string;
  /** Labels that its series are chosen by, grouped by, or shown by. */
  readonly labels: readonly string[];
}

const GROUPING = /\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g;

const WORDS = new Set('by without on ignoring group_left group_right and or unless bool offset inf nan'.split(' '));

/**
 * The metrics in an expression of PromQL, and the labels that it uses. Labels of a grouping stand for every metric in
 * the expression, as it is not said which of them has them.
 */
export function usedMetrics(expression: string): readonly UsedMetric[] {
  const textless = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const grouped = groupingLabels(textless);
  const bare = textless.replaceAll(GROUPING, ' ').replaceAll(/\[[^\]]*\]/g, ' ');
  const metrics = Array.from(
    bare.matchAll(/(?<![\w:$.])([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})?(?!\s*\(|[\w:])/g),
    ([, name = '', selector = '']) => ({
      name,
      labels: [
        ...Array.from(selector.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)/g), ([, label = '']) => label),
        ...grouped,
      ],
    }),
  );
  return metrics.filter(({ name }) => !WORDS.has(name.toLowerCase()));
}

/** The labels that an expression groups by. */
export function groupingLabels(expression: string): readonly string[] {
  return Array.from(expression.matchAll(GROUPING), ([, list = '']) => list.split(','))
    .flat()
    .map((label) => label.trim())
    .filter((label) => label !== '');
}

/** The values that the label of a metric is compared with. */
export function comparedWith(expression: string, label: string): readonly string[] {
  const matcher = new RegExp(`\\b${label}\\s*(?:=~|!~|!=|=)\\s*"([^"]*)"`, 'g');
  return Array.from(expression.matchAll(matcher), ([, values = '']) => values.split('|')).flat();
}

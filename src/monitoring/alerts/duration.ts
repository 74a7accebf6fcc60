/** Milliseconds of each unit, longest first. */
const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

const PART = /(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)/g;
const WHOLE = /^(?:\d{1,12}(?:\.\d{1,6})?(?:ms|s|m|h|d))+$/;

/** Milliseconds of `5m`, `30s`, `1h30m`, `1.5s` or `200ms`; `undefined` for what is no duration. */
export function durationMs(text: string): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * UNITS[unit as keyof typeof UNITS];
  return total;
}

/** As Prometheus writes durations: `1h30m`, `5m`, `200ms`; whole milliseconds. */
export function durationText(milliseconds: number): string {
  let rest = Math.round(milliseconds);
  let text = '';
  for (const [unit, size] of Object.entries(UNITS)) {
    const amount = Math.floor(rest / size);
    if (amount === 0) continue;
    text += `${amount}${unit}`;
    rest -= amount * size;
  }
  return text === '' ? '0s' : text;
}

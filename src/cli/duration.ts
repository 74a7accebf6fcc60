import { UsageError } from './exit-code.js';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** A hundred years: whatever is longer is a slip of the keyboard. */
const LONGEST_MS = 36_500 * 86_400_000;
/** ISO 8601 with seconds and a time zone, as RFC 3339 has it. */
const INSTANT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Milliseconds of `90d`, `24h`, `30m`, `45s` or `2w`: a whole number and one unit, nothing else.
 *
 * @throws UsageError naming the option
 */
export function parseDuration(text: string, option: string): number {
  const [, amount = '', unit = ''] = /^(0|[1-9]\d{0,11})([smhdw])$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (UNITS[unit] ?? Number.NaN);
  if (amount === '' || Number.isNaN(milliseconds)) {
    throw new UsageError(`${option} takes a whole number with s, m, h, d or w, as 90d or 12h`);
  }
  if (milliseconds > LONGEST_MS) throw new UsageError(`${option} takes a hundred years at the most`);
  return milliseconds;
}

/**
 * When something ends that was asked for as a duration from `now`, or as an instant with a time zone.
 *
 * @returns milliseconds since the epoch, later than `now`
 * @throws UsageError naming the option
 */
export function parseEnd(text: string, option: string, now: number): number {
  const end = instantOf(text) ?? now + durationOrInstant(text, option);
  if (end <= now) throw new UsageError(`${option} must lie ahead: it would end at once`);
  return end;
}

function durationOrInstant(text: string, option: string): number {
  if (/^\d+[a-z]$/.test(text)) return parseDuration(text, option);
  throw new UsageError(`${option} takes a duration, as 90d, or an instant with its time zone, as 2027-01-31T00:00:00Z`);
}

/** `undefined` for what is no instant: the 30th of February too, which `Date` would take for the 2nd of March. */
function instantOf(text: string): number | undefined {
  const [, day] = INSTANT.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}

function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

/**
 * What a terminal takes for more than text: control characters, with the C1 set that begins escape sequences in one
 * byte, and the marks that change the direction of a line or end it for some viewers.
 */
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Shows in a text what would act on a terminal or end the line, as JSON writes it: no value can look like another line. */
export function visible(text: string): string {
  return text.replaceAll(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A line of JSON in which every unsafe character is escaped. Its own line break at the end is not part of it. */
export function jsonLine(line: string): string {
  return `${visible(line.trimEnd())}\n`;
}

/**
 * `12:00:01 warn  [Context] message key=value`, for people. Everything that belongs to a line and stands below it is
 * indented, so that only what begins a line is one.
 */
export function prettyLine(line: string): string {
  const { level, time, context, msg, stack, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const details = Object.entries(fields).map(
    ([key, value]) => `${visible(key)}=${visible(typeof value === 'string' ? value : JSON.stringify(value))}`,
  );
  const where = typeof context === 'string' ? `[${visible(context)}] ` : '';
  const head = `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${where}${typeof msg === 'string' ? visible(msg) : ''}`;
  return `${[head, ...details].join(' ')}\n${below(typeof stack === 'string' ? { stack } : err)}`;
}

/** An error with its causes. */
function below(err: unknown, said = '', depth = 0): string {
  if (typeof err === 'string') return `    ${said}${visible(err)}\n`;
  if (typeof err !== 'object' || err === null || depth > 8) return '';
  const { stack, message, cause, errors } = err as Readonly<Record<string, unknown>>;
  const text = typeof stack === 'string' ? stack : typeof message === 'string' ? message : JSON.stringify(err);
  const [first = '', ...frames] = text.split('\n');
  const lines = [said + first, ...frames.map((frame) => `    ${frame.trim()}`)];
  const others = Array.isArray(errors) ? errors.map((one) => below(one, 'one of: ', depth + 1)) : [];
  return [
    ...lines.map((one) => `    ${visible(one)}\n`),
    ...others,
    cause === undefined ? '' : below(cause, 'caused by: ', depth + 1),
  ].join('');
}

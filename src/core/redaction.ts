const REPLACEMENT = '***';

/** Text in which credentials are known to stand: `password=…`, `Authorization: Bearer …`, `https://user:pass@…`. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REPLACEMENT}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/:@]{1,256}:[^\s/@]{1,256}@/gi, `$1${REPLACEMENT}@`],
  [
    /\b([\w-]{0,64}(?:password|passwd|pwd|secret|token|api[-_]?key|authorization|credential)[\w-]{0,64}\\?["']?\s{0,8}[=:]\s{0,8})(\\"[^"]*"|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;&"']+)/gi,
    `$1${REPLACEMENT}`,
  ],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/g, REPLACEMENT],
];

const LONGEST_TEXT = 16_384;
/** Looked through beyond the cut, so that a credential that the cut divides is known as one. */
const MARGIN = 1_024;
const MOST_ERRORS = 5;

/**
 * Replaces what looks like a credential in a text that goes to a log. A net below the rule that secrets are not put
 * into messages, not a licence to do so. Longer texts are cut at 16 KiB, and say how long they were.
 */
export function redactText(text: string): string {
  const bounded = text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT + MARGIN) : text;
  const redacted = PATTERNS.reduce(
    (result, [pattern, replacement]) => result.replaceAll(pattern, replacement),
    bounded,
  );
  return bounded === text ? redacted : `${redacted.slice(0, LONGEST_TEXT)}… (cut, ${text.length} characters)`;
}

/**
 * An error as log fields: type, message and stack, of its causes and of what an `AggregateError` holds too, each
 * redacted. Never throws, whatever was thrown.
 */
export function redactError(error: unknown, depth = 3): Readonly<Record<string, unknown>> {
  try {
    return error instanceof Error ? errorFields(error, depth) : { message: redactText(String(error)) };
  } catch {
    // A getter that throws, an object that has no text.
    return { message: '[unreadable]' };
  }
}

function errorFields(error: Error, depth: number): Readonly<Record<string, unknown>> {
  // What a program throws has put into these whatever it liked.
  const { name, message, stack, cause } = error as {
    readonly [Key in 'name' | 'message' | 'stack' | 'cause']?: unknown;
  };
  const errors: unknown = error instanceof AggregateError ? error.errors : undefined;
  return {
    type: redactText(String(name)),
    message: redactText(String(message)),
    ...(typeof stack === 'string' && { stack: redactText(stack) }),
    ...(cause !== undefined && depth > 0 && { cause: redactError(cause, depth - 1) }),
    ...(Array.isArray(errors) && depth > 0 && { errors: errorsIn(errors, depth - 1) }),
  };
}

function errorsIn(errors: readonly unknown[], depth: number): readonly unknown[] {
  const shown = errors.slice(0, MOST_ERRORS).map((one) => redactError(one, depth));
  return errors.length <= MOST_ERRORS ? shown : [...shown, { message: `… ${errors.length - MOST_ERRORS} more` }];
}

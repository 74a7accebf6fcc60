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

/**
 * Replaces what looks like a credential in a text that goes to a log. A net below the rule that secrets are not put
 * into messages, not a licence to do so. Longer texts are cut at 16 KiB.
 */
export function redactText(text: string): string {
  const bounded = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return PATTERNS.reduce((result, [pattern, replacement]) => result.replaceAll(pattern, replacement), bounded);
}

/** An error as log fields: type, message and stack, of its causes too, each redacted. */
export function redactError(error: unknown, depth = 3): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: redactText(String(error)) };
  return {
    type: error.name,
    message: redactText(error.message),
    ...(error.stack !== undefined && { stack: redactText(error.stack) }),
    ...(error.cause !== undefined && depth > 0 && { cause: redactError(error.cause, depth - 1) }),
  };
}

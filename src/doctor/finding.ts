/** How bad something is. `skipped`: it was not looked at, and the message says why. */
export type Severity = 'ok' | 'warn' | 'fail' | 'skipped';

/** One thing that a check found. What is not well always comes with what to do. Never holds a secret. */
export type Finding =
  | { readonly severity: 'ok' | 'skipped'; readonly message: string }
  | { readonly severity: 'warn' | 'fail'; readonly message: string; readonly remedy: string };

/** It is as it should be. */
export const ok = (message: string): Finding => ({ severity: 'ok', message });

/** It was not looked at. */
export const skipped = (message: string): Finding => ({ severity: 'skipped', message });

/** The server works, but somebody should look at this. */
export const warn = (message: string, remedy: string): Finding => ({ severity: 'warn', message, remedy });

/** The server does not work, or not safely. */
export const fail = (message: string, remedy: string): Finding => ({ severity: 'fail', message, remedy });

/** What is not well, or one sentence when everything is. */
export function orOk(findings: readonly Finding[], message: string): readonly Finding[] {
  return findings.length === 0 ? [ok(message)] : findings;
}

const RANK: Readonly<Record<Severity, number>> = { skipped: 0, ok: 1, warn: 2, fail: 3 };

/** The worst of several; `skipped` when there is none. */
export function worst(severities: readonly Severity[]): Severity {
  return severities.reduce((one, other) => (RANK[other] > RANK[one] ? other : one), 'skipped');
}

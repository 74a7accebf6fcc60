import type { CheckOutcome, DoctorReport } from './report.js';
import type { Finding, Severity } from './finding.js';

const MARKS: Readonly<Record<Severity, string>> = { ok: 'ok', warn: 'warn', fail: 'FAIL', skipped: '-' };
const MARK_WIDTH = 5;

/** The report for people: a line a finding, what to do under it, and a sum. */
export function renderReport({ checks, counts }: DoctorReport): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const groups = [...new Set(checks.map(({ group }) => group))];
  const parts = groups.map((group) => {
    const lines = checks.filter((check) => check.group === group).flatMap((check) => linesOf(check, width));
    return `${group}\n${lines.map((line) => `  ${line}\n`).join('')}`;
  });
  const sum = [
    `${counts.ok} ok`,
    ...(counts.warn > 0 ? [`${counts.warn} to look at`] : []),
    ...(counts.fail > 0 ? [`${counts.fail} failed`] : []),
    ...(counts.skipped > 0 ? [`${counts.skipped} not looked at`] : []),
  ];
  return `${parts.join('\n')}\n${sum.join(', ')}\n`;
}

function linesOf({ name, findings }: CheckOutcome, width: number): readonly string[] {
  return findings.flatMap((finding, index) => {
    const label = index === 0 ? name : '';
    const start = `${MARKS[finding.severity].padEnd(MARK_WIDTH)} ${label.padEnd(width)}  `;
    return [`${start}${printable(finding.message)}`, ...remedyOf(finding, start.length)];
  });
}

function remedyOf(finding: Finding, indent: number): readonly string[] {
  return 'remedy' in finding ? [`${' '.repeat(indent)}→ ${printable(finding.remedy)}`] : [];
}

/** Servers wrote parts of it: nothing of theirs steers the terminal, and each finding stays on its line. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim();
}

import type { ClockReading } from '../clock-readings.js';
import { LOCAL_MS, single, type ConfiguredFamily } from '../doctor-check.js';
import { orOk, skipped, warn, type Finding } from '../finding.js';

/** More than this, and tokens and leases end at the wrong time. */
const MOST_MS = 5_000;

/** Whether our clock agrees with those that other checks met; made after them. */
export const clocks: ConfiguredFamily = {
  name: 'clock',
  group: 'machine',
  atStart: 'network',
  absent: '',
  checks: (subject) => single('clock', LOCAL_MS, () => judgeClocks(subject.clocks.all())),
};

/** Judges readings: only what is surely too far apart counts. */
export function judgeClocks(readings: readonly ClockReading[]): readonly Finding[] {
  if (readings.length === 0) return [skipped('No other clock could be asked.')];
  const far = readings.filter(({ aheadMs, uncertaintyMs }) => Math.abs(aheadMs) - uncertaintyMs > MOST_MS);
  const findings = far.map(({ source, aheadMs }) =>
    warn(
      `The clock of ${source} is ${Math.round(Math.abs(aheadMs) / 100) / 10} s ${aheadMs > 0 ? 'ahead of' : 'behind'} ours.`,
      'Let both machines follow a time server (chrony, systemd-timesyncd): tokens, leases and limits depend on it.',
    ),
  );
  const sources = [...new Set(readings.map(({ source }) => source))].join(', ');
  return orOk(findings, `Our clock agrees with ${sources}.`);
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { type Findings, type Gate, verdict } from './gate.js';
import type { IdleCost } from './idle.js';
import type { Pair, Side } from './pair.js';
import { featureTable, table } from './table.js';

/** What was measured, and what that says about the promises. */
export interface Report extends Findings {
  readonly gates: readonly Gate[];
}

/** Writes the report as JSON to the file `json`, and for people to the standard output; `true` is JSON there instead. */
export function publish(report: Report, asked: { readonly json: string | true }): void {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cpus: cpus().length };
  const json = `${JSON.stringify({ at: new Date().toISOString(), machine, asked, ...report }, null, 2)}\n`;
  if (asked.json === true) {
    process.stdout.write(json);
    return;
  }
  mkdirSync(dirname(asked.json), { recursive: true });
  writeFileSync(asked.json, json);
  console.log(lines(report).join('\n'));
}

function lines(report: Report): readonly string[] {
  const { comparison, tools, startup, sessions, idle, identity = [], policies, features, gates } = report;
  return [
    ...(comparison ? [table(comparison), ''] : []),
    ...(tools ? [sides('CPU µs/request', tools)] : []),
    ...(startup ? [sides('ms to the first answer', startup)] : []),
    ...(sessions ? [sides('CPU µs/request of a session', sessions)] : []),
    ...identity.map((each) => sides('CPU µs/request', each)),
    ...(policies
      ? [policies.all, policies.observed, policies.redis, policies.waiting, policies.hit].map((each) =>
          sides('CPU µs/request', each),
        )
      : []),
    ...(features ? [featureTable(features), ''] : []),
    ...(idle ? [idle.sessions, idle.streams].map(cost) : []),
    ...gates.map(verdict),
  ];
}

function cost({ name, count, megabytes }: IdleCost): string {
  return `${count} ${name}: ${megabytes.toFixed(1)} MB, ${((megabytes * 1_000) / count).toFixed(1)} kB each`;
}

function sides(unit: string, { own, reference }: Pair): string {
  const side = ({ name, median }: Side): string => `${median.toFixed(1)} ${name}`;
  return `${unit}: ${side(own)}, ${side(reference)}`;
}

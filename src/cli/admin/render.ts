import { columns, printable } from '../output.js';
import type { Answer } from './answers.js';

/** How a server is doing, a line for each part of it. */
export function renderStatus(status: Answer<'status'>): string {
  const { name, version, uptimeSeconds, connections, draining, auth, store, redis } = status;
  const rows: (readonly [string, string])[] = [
    ['server', `${name} ${version}, ${draining ? 'shutting down' : 'serving'}, up ${duration(uptimeSeconds)}`],
    ['clients', `${connections} connected${auth === undefined ? '' : `, ${auth.remembered} credentials remembered`}`],
    ...(auth?.required === false ? [['auth', 'off: callers need no credential'] as const] : []),
    ['audit', auditLine(status.audit)],
    ['cache', cacheLine(status.cache)],
    ['breakers', breakersLine(status.breakers)],
    ['calls', concurrencyLine(status.concurrency)],
    ...(store === undefined ? [] : [['store', availability(store)] as const]),
    ...(redis === undefined ? [] : [['redis', availability(redis)] as const]),
  ];
  return table(rows);
}

/** Breakers with a heading; without any nothing. */
export function renderBreakers({ breakers }: Answer<'breakers'>): string {
  if (breakers.length === 0) return '';
  return table([
    ['BREAKER', 'STATE', 'FAULTS', 'TRIES AGAIN'],
    ...breakers.map(({ name, state, faults, retryAfterSeconds }) => [
      name,
      state,
      String(faults),
      retryAfterSeconds > 0 ? `in ${duration(retryAfterSeconds)}` : '-',
    ]),
  ]);
}

/** Limits with a heading; without any nothing. */
export function renderLimits({ limits }: Answer<'limits'>): string {
  if (limits.length === 0) return '';
  return table([
    ['LIMIT', 'OF', 'USED', 'ALLOWED'],
    ...limits.map(({ name, target, limit, windowSeconds, used }) => [
      name,
      target ?? 'everything',
      used === null ? '?' : String(used),
      `${limit} in ${duration(windowSeconds)}`,
    ]),
  ]);
}

/** The cache, a line for each thing to know of it. */
export function renderCache(cache: Answer<'cache'>): string {
  const { backend, available, entries, maxSize, evicted, requests, underWay } = cache;
  if (!cache.enabled) return table([['state', 'off: cache.enabled is false']]);
  return table([
    ['state', `${backend}, ${available ? 'ok' : 'does not answer'}`],
    ...(entries === undefined ? [] : [['entries', `${entries}${maxSize === undefined ? '' : ` of ${maxSize}`}`]]),
    ...(evicted === undefined ? [] : [['evicted', String(evicted)]]),
    ...Object.entries(requests).map(([result, count]) => [result, String(count)]),
    ['hit rate', percentage(cache.hitRate)],
    ['under way', String(underWay)],
  ]);
}

/** Seconds for people: `5 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts: (readonly [number, string])[] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return '0 s';
  const shown = parts.slice(first, first + 2).filter(([amount]) => amount > 0);
  return shown.map(([amount, unit]) => `${amount} ${unit}`).join(' ');
}

function auditLine({ state, since, pending }: Answer<'status'>['audit']): string {
  const waiting = pending > 0 ? `, ${pending} records not written yet` : '';
  return `${state}${since === undefined ? '' : ` since ${since}`}${waiting}`;
}

function cacheLine({ enabled, backend, available, entries, maxSize, hitRate }: Answer<'cache'>): string {
  if (!enabled) return 'off';
  const size = entries === undefined ? '' : `, ${entries}${maxSize === undefined ? '' : ` of ${maxSize}`} entries`;
  const hits = hitRate === undefined ? '' : `, ${percentage(hitRate)} hits`;
  return `${backend}, ${available ? 'ok' : 'does not answer'}${size}${hits}`;
}

function breakersLine(breakers: Answer<'status'>['breakers']): string {
  const others = breakers.filter(({ state }) => state !== 'closed').map(({ name, state }) => `${name} is ${state}`);
  const closed = breakers.length - others.length;
  return breakers.length === 0 ? 'none' : [...others, ...(closed > 0 ? [`${closed} closed`] : [])].join(', ');
}

/** Everything, and the targets that are busy. */
function concurrencyLine(limits: Answer<'status'>['concurrency']): string {
  return limits
    .filter(({ name, running, queued }) => name === 'all' || running + queued > 0)
    .map(
      ({ name, running, max, queued, leased, alone }) =>
        `${name} ${running} of ${max}${slots(leased, alone)}${queued > 0 ? `, ${queued} waiting` : ''}`,
    )
    .join('; ');
}

/** Where a target's slots are shared: what this process has of them. */
function slots(leased: number | undefined, alone: boolean | undefined): string {
  if (leased === undefined) return '';
  return alone === true ? ', counted without Redis' : `, ${leased} leased`;
}

function availability({ available }: { readonly available: boolean }): string {
  return available ? 'ok' : 'does not answer';
}

function percentage(rate: number | undefined): string {
  return rate === undefined ? '-' : `${Math.round(rate * 100)} %`;
}

function table(rows: readonly (readonly string[])[]): string {
  return columns(rows.map((row) => row.map(printable)));
}

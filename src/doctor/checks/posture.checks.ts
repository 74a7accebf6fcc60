import { isAuditOn, type AuditOptions } from '../../audit/index.js';
import { authPosture, configuredKeys, isAuthRequired } from '../../auth/index.js';
import { isLoopback } from '../../core/index.js';
import { MonitoringSettings } from '../../monitoring/index.js';
import { LOCAL_MS, single, type ConfiguredFamily } from '../doctor-check.js';
import type { DoctorSubject } from '../doctor-subject.js';
import { fail, orOk, warn, type Finding } from '../finding.js';

/** Whether others than programs of this machine reach the server, or are meant to. */
export function isExposed({ config: { server }, production }: Pick<DoctorSubject, 'config' | 'production'>): boolean {
  return production || !isLoopback(server.host);
}

/** Who may call, and with what credentials. */
export const authentication: ConfiguredFamily = {
  name: 'authentication',
  group: 'posture',
  // AuthModule says the same while it starts.
  atStart: 'never',
  absent: '',
  checks: (subject) => single('authentication', LOCAL_MS, () => judgeAuthentication(subject)),
};

function judgeAuthentication(subject: DoctorSubject): readonly Finding[] {
  const { auth } = subject.config;
  const exposed = isExposed(subject);
  const findings = authPosture(auth, configuredKeys(auth.apiKeys)).map(({ severity, message }) => {
    const fatal = severity === 'refuse' || (severity === 'exposed' && exposed);
    const remedy = 'Follow docs/guide/authentication.md; `rookery keys create` makes a key.';
    return fatal ? fail(message, remedy) : warn(message, remedy);
  });
  return orOk(findings, 'Callers say who they are, with credentials that nobody can guess.');
}

/** Settings that let callers through where something else is in doubt. */
export const failOpen: ConfiguredFamily = {
  name: 'fail_open',
  group: 'posture',
  atStart: 'local',
  absent: '',
  checks: (subject) =>
    single('fail_open', LOCAL_MS, () => orOk([...openSettings(subject)], 'Nothing is let through in doubt.')),
};

function* openSettings({ config, production }: DoctorSubject): Generator<Finding> {
  const { auth, permissions, rateLimit, timeouts, redis, server } = config;
  const exposed = isExposed({ config, production });
  if (permissions.mode === 'report') {
    yield warn(
      'permissions.mode is report: calls that would be refused are let through, and only recorded.',
      'Set permissions.mode to enforce when the records show nothing unexpected.',
    );
  }
  if (rateLimit.onStoreFailure === 'allow' && redis.url !== undefined) {
    yield warn(
      'rateLimit.onStoreFailure is allow: while Redis does not answer, no limit holds.',
      'Set it to local, so that each process counts for itself, or to refuse.',
    );
  }
  if (!rateLimit.enabled && exposed) {
    yield warn('rateLimit.enabled is false: one caller can take the whole server.', 'Turn it on and set limits.');
  }
  if (auth.anonymous.roles.length > 0 && isAuthRequired(auth)) {
    yield warn(
      `auth.anonymous.roles gives ${auth.anonymous.roles.join(', ')} to callers who do not say who they are.`,
      'Take the roles out, unless everybody who reaches the server may have them.',
    );
  }
  if (isAuthRequired(auth) && !auth.requirePolicy && production) {
    yield warn(
      'auth.requirePolicy is false: a tool that does not say who may call it may be called by everybody known.',
      'Set auth.requirePolicy to true; the start then names the tools without a policy.',
    );
  }
  if (timeouts.defaultMs === 0) {
    yield warn('timeouts.defaultMs is 0: a call that hangs keeps its slot for ever.', 'Set a deadline, as 30000.');
  }
  if (exposed && server.trustedProxies.some((range) => range.endsWith('/0'))) {
    yield warn(
      'server.trustedProxies believes everybody: a caller chooses the address that limits and audit know.',
      'Name the addresses of your own proxies.',
    );
  }
}

/** What anybody reaches without saying who they are, besides the endpoint. */
export const exposure: ConfiguredFamily = {
  name: 'exposure',
  group: 'posture',
  atStart: 'local',
  absent: '',
  checks: (subject) =>
    single('exposure', LOCAL_MS, () => orOk([...openDoors(subject)], 'Only what is meant to be reached can be.')),
};

function* openDoors(subject: DoctorSubject): Generator<Finding> {
  const { server, monitoring } = subject.config;
  const { metrics } = new MonitoringSettings(monitoring);
  if (metrics.enabled && metrics.exportPort !== undefined && !isLoopback(metrics.exportHost)) {
    yield warn(
      `monitoring.metrics.exportHost is ${metrics.exportHost}: whoever reaches that port reads the metrics.`,
      'Let a firewall admit Prometheus only, or listen on 127.0.0.1.',
    );
  }
  for (const origin of server.cors.origins) {
    const { protocol, hostname } = new URL(origin);
    if (protocol === 'https:' || isLoopback(hostname)) continue;
    yield warn(
      `server.cors.origins has ${origin}: whoever sits between may put a script into its pages that calls the server.`,
      'Serve that application by https.',
    );
  }
  const { publicUrl, tls, host } = server;
  if (publicUrl !== undefined && publicUrl.startsWith('http:') && !isLoopback(new URL(publicUrl).hostname)) {
    yield warn(
      'server.publicUrl is http: credentials travel where others can read them.',
      'Serve https, by server.tls or a proxy, and name that URL.',
    );
  }
  if (!isLoopback(host) && tls === undefined && !(publicUrl?.startsWith('https:') ?? false)) {
    yield warn(
      `The server listens on ${host} without TLS: credentials travel where others can read them.`,
      'Set server.tls; or, behind a proxy that serves https, server.publicUrl.',
    );
  }
}

/** Whether it is on record what was done. */
export const recording: ConfiguredFamily = {
  name: 'recording',
  group: 'posture',
  atStart: 'local',
  absent: '',
  checks: (subject) =>
    single('recording', LOCAL_MS, () =>
      orOk([...unrecorded(subject)], 'What is done and what goes wrong is recorded.'),
    ),
};

function* unrecorded(subject: DoctorSubject): Generator<Finding> {
  const { config, production } = subject;
  const { level, format } = config.monitoring.logging;
  if (isExposed(subject) && !isAuditOn(config.audit)) {
    yield warn(
      config.audit.mode === 'off'
        ? 'audit.mode is off: nothing is on record.'
        : 'audit.sinks is empty: nothing is on record.',
      'Add a sink: { type: file, path: data/audit.jsonl } or { type: database }.',
    );
  }
  if (isAuditOn(config.audit) && config.audit.key === undefined && production) {
    yield warn(
      'audit.key is not set: whoever can write the records can also make a chain that verifies.',
      'Set audit.key to 32 random characters or more, kept apart from the records.',
    );
  }
  if (level === 'silent') yield warn('monitoring.logging.level is silent: nothing is logged.', 'Set it to info.');
  if (!production) return;
  if (level === 'debug' || level === 'trace') {
    yield warn(
      `monitoring.logging.level is ${level} in production.`,
      'Set it to info; levels can be changed while it runs.',
    );
  }
  if (format === 'pretty') {
    yield warn('monitoring.logging.format is pretty in production: machines cannot read it.', 'Set it to json.');
  }
}

/** Where a configuration has its audit files. */
export function auditFilesOf(audit: AuditOptions): readonly string[] {
  return audit.mode === 'off' ? [] : audit.sinks.flatMap((sink) => (sink.type === 'file' ? [sink.path] : []));
}

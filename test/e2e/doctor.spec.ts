import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { judgeCertificate } from '../../src/doctor/checks/certificate.check.js';
import { makeCertificate } from '../support/certificates.js';
import { freePort } from '../support/servers/free-port.js';
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../support/servers/index.js';
import { DoctorHome } from './support/doctor-home.js';
import { ServerProcess } from './support/server-process.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const PASSWORD = 'correct-horse-battery';
const SECRET = 'staple-staple-staple-staple-staple-staple';
const HOUR_MS = 3_600_000;

let home: DoctorHome;
beforeEach(() => void (home = new DoctorHome()));
afterEach(() => home.remove());

describe('rookery doctor and back ends', () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let database: string;
  let issuer: HttpServer;
  let aheadMs = 0;
  beforeAll(async () => {
    [redis, postgres] = await Promise.all([startRedis({ password: PASSWORD }), startPostgres()]);
    database = await postgres.createDatabase();
    issuer = createHttpServer((_, response) => {
      response.sendDate = false;
      response.setHeader('date', new Date(Date.now() + aheadMs).toUTCString());
      response.end('{"keys":[{"kty":"EC"}]}');
    }).listen(0, '127.0.0.1');
    await once(issuer, 'listening');
  });
  afterAll(async () => {
    issuer.close();
    await Promise.all([redis.stop(), postgres.stop()]);
  });

  const configured = (): void => {
    const { port } = issuer.address() as AddressInfo;
    home.configure(`
server: { port: 0 }
store: { url: '${database}', connections: { sales: '${database}' } }
redis: { url: '${redis.url}' }
auth: { jwt: { jwksUrl: 'http://127.0.0.1:${port}/keys', issuer: me, audience: you } }
`);
  };
  const BACK_ENDS = ['database:store', 'database:sales', 'redis', 'issuer_keys'];
  const only = ['--only', 'database,redis,issuer_keys,clock'];

  it('finds all of them well when they are, and their clocks', async () => {
    configured();
    aheadMs = 0;
    const { code, of, report } = await home.examined(only);
    for (const name of BACK_ENDS) expect(of(name)[0]).toBe('ok');
    expect(of('clock')).toEqual([
      'ok',
      expect.stringMatching(/agrees with .*redis.*issuer_keys|agrees with .*issuer_keys.*redis/),
    ]);
    expect([code, report.status]).toEqual([0, 'ok']);
  });

  it('says whose clock is wrong, by how much, also when only the clock is asked for', async () => {
    configured();
    aheadMs = HOUR_MS;
    const { code, of, report } = await home.examined(['--only', 'clock']);
    expect(report.checks.map(({ name }) => name)).toEqual(['clock']);
    expect(of('clock')).toEqual([
      'warn',
      expect.stringMatching(/^The clock of issuer_keys is (3600|3599|3601)\b.* s ahead/),
    ]);
    expect(report.checks[0]?.findings).toHaveLength(1);
    expect(code).toBe(0);
  });

  it('ends within its time while they are frozen, and says which do not answer', async () => {
    configured();
    redis.freeze();
    postgres.freeze();
    try {
      const start = performance.now();
      const { code, of, report } = await home.examined(only);
      expect(performance.now() - start).toBeLessThan(15_000);
      for (const name of ['database:store', 'database:sales', 'redis']) {
        expect(of(name)).toEqual(['fail', expect.stringMatching(/not answer|no answer/)]);
        expect(report.checks.find((each) => each.name === name)?.durationMs).toBeLessThan(6_000);
      }
      expect(of('issuer_keys')[0]).toBe('ok');
      expect(code).toBe(1);
    } finally {
      redis.thaw();
      postgres.thaw();
    }
  });

  it('says that a password is wrong, and shows neither', async () => {
    configured();
    const { of, stdout } = await home.examined(['--only', 'redis'], {
      ROOKERY_REDIS__URL: redis.url.replace(PASSWORD, 'not-the-password'),
    });
    expect(of('redis')).toEqual(['fail', expect.stringMatching(/WRONGPASS|password/i)]);
    expect(stdout).not.toMatch(/not-the-password|correct-horse/);
  });

  it('says what is down, with what to do, and no secret', async () => {
    configured();
    await Promise.all([redis.kill(), postgres.kill()]);
    try {
      const { code, of, report, stdout, stderr } = await home.examined(only);
      for (const name of ['database:store', 'redis'])
        expect(of(name)).toEqual(['fail', expect.stringContaining('ECONNREFUSED')]);
      for (const { findings } of report.checks) {
        for (const finding of findings) if (finding.severity === 'fail') expect(finding).toHaveProperty('remedy');
      }
      expect(code).toBe(1);
      expect(stdout + stderr).not.toMatch(new RegExp(`${PASSWORD}|:secret@`));
    } finally {
      await Promise.all([redis.restart(), postgres.restart()]);
    }
  });
});

describe('rookery doctor and the machine', () => {
  const PLAIN = `server: { port: 0 }\nauth: { jwt: { secret: ${SECRET}, issuer: me, audience: you } }\n`;

  it('names a file with a secret that others can read, and not the secret', async () => {
    home.configure(PLAIN, 0o644);
    const open = await home.examined(['--only', 'secret_files']);
    expect(open.of('secret_files')).toEqual(['warn', expect.stringMatching(/^config.default\.yaml .*mode 644/)]);
    expect(open.stdout).not.toContain(SECRET);
    home.configure(PLAIN, 0o640);
    expect((await home.examined(['--only', 'secret_files'])).of('secret_files')[0]).toBe('ok');
  });

  it('names a file of a variable that others can read', async () => {
    home.configure('server: { port: 0 }\nauth: { jwt: { secret: "${SIGNING}", issuer: me, audience: you } }\n');
    const file = join(home.folder, 'signing');
    writeFileSync(file, `${SECRET}\n`);
    chmodSync(file, 0o644);
    const { of } = await home.examined(['--only', 'secret_files'], { SIGNING_FILE: file });
    expect(of('secret_files')).toEqual(['warn', expect.stringContaining('SIGNING_FILE')]);
  });

  it('fails where another program has the port', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    try {
      home.configure(`server: { port: ${port} }`);
      const { code, of } = await home.examined(['--only', 'port']);
      expect(of('port:server')).toEqual(['fail', expect.stringContaining(`127.0.0.1:${port} is in use`)]);
      expect(code).toBe(1);
    } finally {
      taken.close();
    }
  });

  it('knows the running server by its port, and leaves everything as it was', async () => {
    const port = await freePort();
    // The checks that a server makes of itself when it starts have files of their own for a moment.
    home.configure(
      `server: { port: ${port} }\naudit: { sinks: [{ type: file, path: audit/trail.jsonl }] }\nknowledge: { enabled: false }\nmonitoring: { startChecks: 'off' }`,
    );
    const server = new ServerProcess([MAIN], { cwd: home.folder });
    try {
      await server.shows('stdout', /curl .*\n/);
      const before = Object.keys(home.files());
      const { of, code } = await home.examined();
      expect(of('port:server')).toEqual(['ok', expect.stringContaining('already')]);
      expect(of('audit_folders')[0]).toBe('ok');
      expect(code).toBe(0);
      expect(Object.keys(home.files())).toEqual(before);
    } finally {
      await server.stop();
    }
  });

  it('makes nothing where no server has run', async () => {
    home.configure('server: { port: 0 }\naudit: { sinks: [{ type: file, path: audit/trail.jsonl }] }');
    const before = home.files();
    expect((await home.examined()).of('database:store')).toEqual(['ok', expect.stringContaining('the start makes it')]);
    expect(home.files()).toEqual(before);
  });

  it('fails where a folder of audit files cannot be one', async () => {
    writeFileSync(join(home.folder, 'audit'), '');
    home.configure(
      'server: { port: 0 }\naudit: { sinks: [{ type: file, path: audit/trail.jsonl }] }\nfiles: { roots: { data: { path: ./absent } } }',
    );
    const { of, code } = await home.examined(['--only', 'audit_folders,file_roots']);
    expect(of('audit_folders')[0]).toBe('fail');
    expect(of('file_roots')).toEqual(['fail', expect.stringContaining('files.roots.data')]);
    expect(code).toBe(1);
  });
});

describe('rookery doctor and the configuration', () => {
  it('lists every fault, looks at the machine all the same, and ends with 2', async () => {
    home.configure('server: { prot: 1, port: eighty }');
    const { code, report, of } = await home.examined();
    const faults = report.checks.find(({ name }) => name === 'configuration')?.findings.map(({ message }) => message);
    expect(faults).toEqual([expect.stringContaining('server.prot:'), expect.stringContaining('server.port:')]);
    expect(of('redis')).toEqual(['skipped', 'The configuration cannot be used.']);
    expect(of('node_version')[0]).toBe('ok');
    expect(code).toBe(2);
  });

  it('ends with 2 when it does not know what is asked for, and says what there is', async () => {
    home.configure('server: { port: 0 }');
    const { code, stderr } = await home.run(['--only', 'redis,moon']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--only names moon; there are configuration, .*clock/);
  });

  it('says what lets callers through in doubt', async () => {
    home.configure(`
server: { port: 0 }
auth: { apiKeys: { ops: { hash: ${'ab'.repeat(32)} } }, anonymous: { roles: [guest] } }
permissions: { mode: report, roles: { guest: [read] } }
timeouts: { defaultMs: 0 }
`);
    const { report, code } = await home.examined(['--only', 'fail_open']);
    const messages = report.checks[0]?.findings.map(({ message }) => message.split(' ', 1)[0]);
    expect(messages).toEqual(['permissions.mode', 'auth.anonymous.roles', 'timeouts.defaultMs']);
    expect(code).toBe(0);
  });

  it('says what of a production server is not as it should be', async () => {
    home.configure(`
server:
  port: 0
  publicUrl: http://mcp.example.com
  cors: { origins: ['http://app.example.com', 'https://app.example.com', 'http://localhost:5173'] }
  trustedProxies: [0.0.0.0/0]
auth: { jwt: { secret: ${SECRET}, issuer: me, audience: you } }
rateLimit: { enabled: false }
monitoring: { metrics: { exportPort: 9090, exportHost: 0.0.0.0 }, logging: { level: debug, format: pretty } }
`);
    const { report } = await home.examined(['--only', 'exposure,fail_open,recording'], { NODE_ENV: 'production' });
    const told = report.checks.map(({ name, findings }) => [
      name,
      ...findings.map(({ message }) => message.split(' ', 1)[0]),
    ]);
    expect(told).toEqual([
      ['exposure', 'monitoring.metrics.exportHost', 'server.cors.origins', 'server.publicUrl'],
      ['fail_open', 'rateLimit.enabled', 'auth.requirePolicy', 'server.trustedProxies'],
      ['recording', 'audit.sinks', 'monitoring.logging.level', 'monitoring.logging.format'],
    ]);
  });

  it('says when a certificate ends', async () => {
    const made = await makeCertificate();
    try {
      home.configure(`server: { port: 0, tls: { certFile: ${made.certFile}, keyFile: ${made.keyFile} } }`);
      expect((await home.examined(['--only', 'certificate'])).of('certificate')).toEqual([
        'warn',
        expect.stringMatching(/ends in [01] days/),
      ]);
      const pem = readFileSync(made.certFile);
      const judged = (ms: number) => judgeCertificate(pem, 'cert.pem', Date.now() + ms)[0]?.severity;
      expect([judged(2 * 24 * HOUR_MS), judged(-24 * HOUR_MS)]).toEqual(['fail', 'fail']);
    } finally {
      await made.remove();
    }
  });

  it('asks authorization servers who they are, and only looks up the hosts of webhooks', async () => {
    let name = '';
    const asked: string[] = [];
    const server = createHttpServer((request, response) => {
      asked.push(request.url ?? '');
      if (request.url !== '/realm/.well-known/openid-configuration') response.statusCode = 404;
      response.end(JSON.stringify({ issuer: name }).repeat(response.statusCode === 200 ? 1 : 0));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const issuer = `http://127.0.0.1:${port}/realm`;
    try {
      home.configure(`
server: { port: 0 }
auth:
  jwt: { secret: ${SECRET}, issuer: me, audience: you }
  oauth: { authorizationServers: ['${issuer}'] }
monitoring:
  alerts: { actions: { page: { type: webhook, url: 'http://127.0.0.1:${port}/hook' }, gone: { type: webhook, url: 'https://nowhere.invalid/x' } } }
`);
      const only = ['--only', 'authorization_server,webhooks'];
      const check = `authorization_server:127.0.0.1:${port}/realm`;
      name = issuer;
      const well = await home.examined(only);
      expect(well.of(check)[0]).toBe('ok');
      const webhooks = well.report.checks.find((each) => each.name === 'webhooks');
      expect(webhooks?.findings.map(({ severity }) => severity)).toEqual(['ok', 'fail']);
      name = 'https://somebody.else';
      expect((await home.examined(only)).of(check)).toEqual(['fail', expect.stringContaining('another name')]);
      expect(asked).not.toContain('/hook');
    } finally {
      server.close();
    }
  });

  it('prints a table for people', async () => {
    home.configure('server: { port: 0 }\npermissions: { mode: report }');
    const { stdout } = await home.run([]);
    expect(stdout).toMatch(/^ {2}warn +fail_open +permissions\.mode is report/m);
    expect(stdout).toMatch(/^ +→ Set permissions\.mode to enforce/m);
    expect(stdout).toMatch(/^\d+ ok, \d+ to look at, \d+ not looked at$/m);
  });
});

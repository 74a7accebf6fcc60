import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { LOCAL_MS, single, type ConfiguredFamily } from '../doctor-check.js';
import { fail, ok, warn, type Finding } from '../finding.js';

const DAY_MS = 86_400_000;
/** Whoever renews by hand needs some days; who renews by machine has renewed long before. */
const SOON_DAYS = 14;

/** How long the certificate of `server.tls` is good for. */
export const certificate: ConfiguredFamily = {
  name: 'certificate',
  group: 'posture',
  atStart: 'local',
  absent: 'server.tls is not set.',
  checks: ({ config: { server } }) => {
    const { tls } = server;
    if (tls === undefined) return [];
    return single('certificate', LOCAL_MS, async () => judgeCertificate(await readFile(tls.certFile), tls.certFile));
  },
};

/** Judges the first certificate of a PEM file. */
export function judgeCertificate(pem: Buffer, path: string, now = Date.now()): readonly Finding[] {
  const { validFrom, validTo } = new X509Certificate(pem);
  const days = Math.floor((Date.parse(validTo) - now) / DAY_MS);
  const renew = `Renew ${path}; the server takes up a new one within a minute.`;
  if (Date.parse(validFrom) > now) return [fail(`The certificate is not valid before ${validFrom}.`, renew)];
  if (days < 0) return [fail(`The certificate has ended: ${validTo}.`, renew)];
  if (days < SOON_DAYS) return [warn(`The certificate ends in ${days} days: ${validTo}.`, renew)];
  return [ok(`The certificate is good for ${days} days.`)];
}

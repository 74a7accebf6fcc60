import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findOrInstall } from './servers/install.js';

/** A certificate for `localhost`, signed by itself, in a folder of its own. */
export interface TestCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** Puts another certificate into the same files. */
  renew(): Promise<void>;
  remove(): Promise<void>;
}

/** Makes one with OpenSSL, valid for a day. */
export async function makeCertificate(): Promise<TestCertificate> {
  const openssl = await findOrInstall('openssl', () =>
    (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((folder) => join(folder, 'openssl'))
      .find((path) => existsSync(path)),
  );
  const folder = await mkdtemp(join(tmpdir(), 'rookery-tls-'));
  const certFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  const renew = async (): Promise<void> => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
    const files = ['-keyout', keyFile, '-out', certFile];
    await promisify(execFile)(openssl, ['req', '-x509', '-days', '1', ...key, ...subject, ...files]);
  };
  await renew();
  return { certFile, keyFile, renew, remove: () => rm(folder, { recursive: true, force: true }) };
}

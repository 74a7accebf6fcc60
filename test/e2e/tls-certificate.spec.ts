import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeCertificate, type TestCertificate } from '../support/certificates.js';
import { TlsCertificate } from '../../src/tls-certificate.js';

let files: TestCertificate;
let server: Server | undefined;
beforeEach(async () => {
  vi.spyOn(Logger.prototype, 'error').mockReturnValue();
  vi.spyOn(Logger.prototype, 'log').mockReturnValue();
  files = await makeCertificate();
});
afterEach(async () => {
  vi.restoreAllMocks();
  server?.close();
  await files.remove();
});

async function serve(): Promise<() => Promise<string>> {
  const certificate = new TlsCertificate(files, 5);
  server = createServer(certificate.context());
  certificate.follow(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return async () => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
}

async function fingerprintOnDisk(): Promise<string> {
  return new X509Certificate(await readFile(files.certFile)).fingerprint256;
}

describe('the certificate of HTTPS', () => {
  it('is served anew once its files have changed, to connections that are made from then on', async () => {
    const served = await serve();
    expect(await served()).toBe(await fingerprintOnDisk());
    await files.renew();
    const renewed = await fingerprintOnDisk();
    await vi.waitFor(async () => expect(await served()).toBe(renewed));
  });

  it('stays in use while the files hold no certificate', async () => {
    const served = await serve();
    const before = await served();
    const taken = vi.spyOn(server as Server, 'setSecureContext');
    await writeFile(files.certFile, 'half a certif');
    await vi.waitFor(() => expect(taken.mock.results.at(-1)?.type).toBe('throw'));
    expect(await served()).toBe(before);
    await files.renew();
    await vi.waitFor(async () => expect(await served()).not.toBe(before));
  });

  it('names the key and the file that cannot be read', () => {
    const certFile = '/nowhere/cert.pem';
    expect(() => new TlsCertificate({ ...files, certFile })).toThrow(
      `server.tls.certFile: "${certFile}" cannot be read (ENOENT); name a PEM file.`,
    );
  });
});

import { readFileSync, statSync } from 'node:fs';
import type { Server as HttpsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { Logger } from '@nestjs/common';
import { redactError } from './core/index.js';
import type { TlsOptions } from './mcp/index.js';

/** How often the files are looked at: certificates live for weeks, and a look costs two `stat`s. */
const LOOK_MS = 60_000;

/** The certificate that HTTPS is served with, read from files that are replaced while the server runs. */
export class TlsCertificate {
  readonly #logger = new Logger('Tls');
  #seen: string;

  constructor(
    private readonly tls: TlsOptions,
    private readonly lookMs: number = LOOK_MS,
  ) {
    this.#seen = this.#stamp();
  }

  /** @throws Error naming the key and the file that can't be read. */
  context(): SecureContextOptions {
    const { certFile, keyFile, passphrase, minVersion = 'TLSv1.2' } = this.tls;
    return {
      cert: read('certFile', certFile),
      key: read('keyFile', keyFile),
      minVersion,
      ...(passphrase !== undefined && { passphrase }),
    };
  }

  /** Serves new connections with the new certificate soon after the files have changed. A bad one changes nothing. */
  follow(server: HttpsServer): void {
    const timer = setInterval(() => this.#look(server), this.lookMs).unref();
    server.once('close', () => clearInterval(timer));
  }

  #look(server: HttpsServer): void {
    try {
      const stamp = this.#stamp();
      if (stamp === this.#seen) return;
      this.#seen = stamp;
      server.setSecureContext(this.context());
      this.#logger.log({ msg: 'serving with a new certificate', certFile: this.tls.certFile });
    } catch (error) {
      const msg = 'the certificate could not be read again; the one in use stays (server.tls)';
      this.#logger.error({ msg, err: redactError(error) });
    }
  }

  #stamp(): string {
    const { certFile, keyFile } = this.tls;
    return [stampOf('certFile', certFile), stampOf('keyFile', keyFile)].join(' ');
  }
}

function read(key: string, path: string): Buffer {
  return at(key, path, () => readFileSync(path));
}

function stampOf(key: string, path: string): string {
  const { mtimeMs, ino, size } = at(key, path, () => statSync(path));
  return `${mtimeMs}/${ino}/${size}`;
}

function at<T>(key: string, path: string, look: () => T): T {
  try {
    return look();
  } catch (cause) {
    const { code = 'unreadable' } = cause as NodeJS.ErrnoException;
    throw new Error(`server.tls.${key}: "${path}" cannot be read (${code}); name a PEM file.`, { cause });
  }
}

import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { principalKey, type Principal } from '../core/index.js';
import { McpOptions } from './mcp.options.js';
import { invalidParams } from './wire.js';

const KEY_BYTES = 32;
const MAC_BYTES = 16;

/**
 * Opaque cursors: the place in a list, signed for one list and one principal. A cursor that was made up, altered, made
 * for somebody else or by another server is answered like any other bad one.
 *
 * The keys follow from `server.stateKeys` (HKDF, RFC 5869), so that processes which share those take each other's
 * cursors; the first key signs, all of them verify. Without any a cursor is good in the process that made it.
 */
@Injectable()
export class CursorCodec {
  readonly #keys: readonly [Buffer, ...Buffer[]];

  constructor({ name, stateKeys }: McpOptions) {
    const [first = randomBytes(KEY_BYTES), ...rest] = stateKeys.map((secret) => keyOf(secret, name));
    this.#keys = [first, ...rest];
  }

  encode(list: string, principal: Principal | undefined, position: string): string {
    return signed(this.#keys[0], list, principal, position);
  }

  /** @throws ProtocolError -32602 */
  decode(list: string, principal: Principal | undefined, cursor: unknown): string {
    if (typeof cursor === 'string' && cursor.length <= 1024) {
      const [encoded = ''] = cursor.split('.', 1);
      const position = Buffer.from(encoded, 'base64url').toString('utf8');
      // The whole text is compared: decoding alone would pass over what is no Base64.
      const given = Buffer.from(cursor, 'utf8');
      for (const key of this.#keys) {
        const expected = Buffer.from(signed(key, list, principal, position), 'utf8');
        if (given.length === expected.length && timingSafeEqual(given, expected)) return position;
      }
    }
    throw invalidParams('the cursor is not one of this list; ask for the first page again');
  }
}

function signed(key: Buffer, list: string, principal: Principal | undefined, position: string): string {
  const subject = JSON.stringify([list, principalKey(principal), position]);
  const mac = createHmac('sha256', key).update(subject).digest().subarray(0, MAC_BYTES);
  return `${Buffer.from(position, 'utf8').toString('base64url')}.${mac.toString('base64url')}`;
}

/** What seals states signs nothing: the label keeps the keys apart, and those of two servers with one secret. */
function keyOf(secret: string, server: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `rookery cursor of ${server}`, KEY_BYTES));
}

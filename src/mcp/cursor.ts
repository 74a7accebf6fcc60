import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { principalKey, type Principal } from '../core/index.js';
import { invalidParams } from './wire.js';

const MAC_BYTES = 16;

/**
 * Opaque cursors: the place in a list, signed for one list and one principal. A cursor that was made up, altered, made
 * for somebody else or by another server is answered like any other bad one.
 */
@Injectable()
export class CursorCodec {
  readonly #key = randomBytes(32);

  encode(list: string, principal: Principal | undefined, position: string): string {
    const mac = this.#mac(list, principal, position);
    return `${Buffer.from(position, 'utf8').toString('base64url')}.${mac.toString('base64url')}`;
  }

  /** @throws ProtocolError -32602 */
  decode(list: string, principal: Principal | undefined, cursor: unknown): string {
    if (typeof cursor === 'string' && cursor.length <= 1024) {
      const [encoded = ''] = cursor.split('.', 1);
      const position = Buffer.from(encoded, 'base64url').toString('utf8');
      // The whole text is compared: decoding alone would pass over what is no Base64.
      const given = Buffer.from(cursor, 'utf8');
      const expected = Buffer.from(this.encode(list, principal, position), 'utf8');
      if (given.length === expected.length && timingSafeEqual(given, expected)) return position;
    }
    throw invalidParams('the cursor is not one of this list; ask for the first page again');
  }

  #mac(list: string, principal: Principal | undefined, position: string): Buffer {
    const subject = JSON.stringify([list, principalKey(principal), position]);
    return createHmac('sha256', this.#key).update(subject).digest().subarray(0, MAC_BYTES);
  }
}

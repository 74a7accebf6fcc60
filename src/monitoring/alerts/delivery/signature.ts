import { createHmac } from 'node:crypto';

/** The header that carries {@link signature}. */
export const SIGNATURE_HEADER = 'x-rookery-signature';

/**
 * `t=<seconds since the epoch>,v1=<hex>`: an HMAC-SHA-256 over `<t>.<body>`. Who receives it computes the same over the
 * bytes of the body, compares in constant time, and refuses a `t` that is minutes away, so that it cannot be replayed.
 */
export function signature(secret: string, body: string, now: number): string {
  const seconds = Math.floor(now / 1_000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

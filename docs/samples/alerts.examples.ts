//#region verify
import { createHmac, timingSafeEqual } from 'node:crypto';

/** Whether a notification is Rookery's: `body` as it came, before it is parsed. */
export function isFromRookery(header: string, body: string, secret: string): boolean {
  const [, t = '', v1 = ''] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  const expected = createHmac('sha256', secret).update(`${t}.${body}`).digest();
  const given = Buffer.from(v1, 'hex');
  const fresh = Math.abs(Date.now() / 1_000 - Number(t)) < 300; // seconds: an old one may be a replay
  return fresh && given.length === expected.length && timingSafeEqual(given, expected);
}
//#endregion

import type { AlertNotification } from './notification.js';
import { DeliveryRefusedError, type Delivery } from './delivery-queue.js';
import { SIGNATURE_HEADER, signature } from './signature.js';

/** Where a webhook goes, and how. */
export interface WebhookTarget extends Pick<Delivery, 'timeoutMs' | 'retries' | 'backoffMs'> {
  readonly url: string;
  readonly secret: string | undefined;
}

/** Statuses after which another attempt may go better. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Sends notifications to an address by POST, signed where there is a secret. Its errors have the status or the code of the
 * failure, and neither address nor secret.
 *
 * @param now - milliseconds since the epoch
 */
export function webhook({ url, secret, ...limits }: WebhookTarget, now: () => number): Delivery {
  return {
    ...limits,
    async deliver(notification: AlertNotification, signal: AbortSignal): Promise<void> {
      const body = JSON.stringify(notification);
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'rookery',
        ...(secret !== undefined && { [SIGNATURE_HEADER]: signature(secret, body, now()) }),
      };
      const { status, ok } = await answerOf(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      if (ok) return;
      if (status >= 500 || PASSING.has(status)) throw new Error(`The receiver answered ${status}.`);
      const why = status >= 300 && status < 400 ? ', and redirects are not followed: name the address itself' : '';
      throw new DeliveryRefusedError(`The receiver answered ${status}${why}.`);
    },
  };
}

async function answerOf(url: string, init: RequestInit): Promise<Pick<Response, 'status' | 'ok'>> {
  try {
    const response = await fetch(url, init);
    await response.body?.cancel();
    return response;
  } catch (error) {
    const { cause } = error as { readonly cause?: { readonly code?: unknown } };
    const code = typeof cause?.code === 'string' ? cause.code : (error as Error).name;
    // oxlint-disable-next-line eslint/preserve-caught-error -- undici's errors have parts of the address in them
    throw new Error(`The receiver was not reached (${code}).`);
  }
}

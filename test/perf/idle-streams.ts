import { request, type ClientRequest } from 'node:http';
import { modernRequest } from './modern-request.js';

const ackLimit = 10_000;
/** How many streams are opened at a time: fewer than a listening socket keeps waiting. */
const batch = 100;

const listen = modernRequest('subscriptions/listen', {
  notifications: { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true },
});

/**
 * Opens `count` `subscriptions/listen` streams, each on a connection of its own, lends them to `use` while they are
 * open and closes them.
 *
 * @throws when one of them is not acknowledged.
 */
export async function withOpenStreams<T>(url: string, count: number, use: () => Promise<T>): Promise<T> {
  const open: ClientRequest[] = [];
  try {
    while (open.length < count) {
      const streams = Array.from({ length: Math.min(batch, count - open.length) }, () => openStream(url));
      open.push(...streams.map(({ sent }) => sent));
      await Promise.all(streams.map(({ acknowledged }) => acknowledged));
    }
    return await use();
  } finally {
    for (const sent of open) sent.destroy();
  }
}

function openStream(url: string): { readonly sent: ClientRequest; readonly acknowledged: Promise<void> } {
  const sent = request(url, { method: 'POST', agent: false, headers: listen.headers });
  const acknowledged = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${url} did not acknowledge a stream`)), ackLimit);
    sent.on('error', reject);
    sent.on('response', (response) => {
      response.setEncoding('utf8').on('error', reject);
      response.on('data', (event: string) => {
        clearTimeout(timer);
        if (event.includes('notifications/subscriptions/acknowledged')) resolve();
        else reject(new Error(`${url} answers ${response.statusCode}: ${event.slice(0, 500)}`));
      });
    });
  });
  sent.end(listen.body);
  return { sent, acknowledged };
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isFromRookery } from '../../../docs/samples/alerts.examples.js';
import type { AlertNotification } from '../../../src/monitoring/index.js';

/** What notifications are signed with. */
export const SECRET = 'a-secret-that-signs-alerts';

/** Somebody who is told of alerts, and believes only what is signed. */
export class Receiver {
  readonly told: AlertNotification[] = [];
  readonly refused: string[] = [];
  requests = 0;
  /** What it answers, one after another; 200 after the last. */
  answers: number[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (part: string) => (body += part));
      request.on('end', () => {
        this.requests++;
        const status = this.answers.shift() ?? 200;
        response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
        if (status !== 200) return;
        const signed = isFromRookery(String(request.headers['x-rookery-signature']), body, SECRET);
        if (signed) this.told.push(JSON.parse(body) as AlertNotification);
        else this.refused.push(body);
      });
    });
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/alerts`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  of(alert: string): readonly string[] {
    return this.told.filter(({ groupLabels }) => groupLabels['alertname'] === alert).map(({ status }) => status);
  }
}

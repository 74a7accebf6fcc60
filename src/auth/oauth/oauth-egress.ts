import { Injectable } from '@nestjs/common';
import type { FetchInit } from './egress-fetch.js';

/** How requests to authorization servers leave this process; provide another one to send them another way. */
@Injectable()
export class OAuthEgress {
  fetch(url: string, { body, signal, ...init }: FetchInit): Promise<Response> {
    return fetch(url, { ...init, body: body ?? null, signal: signal ?? null });
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { Access } from '../../access/access.js';
import { classify, type MirroredHeaders } from '../../classification.js';
import { RefusedRequests } from '../../limits/refused-requests.js';
import { HttpDoor, type HttpReceiver } from './http-door.js';
import type { HttpVisit } from './http-visit.js';
import { LegacyHttp } from './legacy-http.js';
import { ModernHttp } from './modern-http.js';
import { sendJson } from './refusal.js';

/** Streamable HTTP on one path, for both eras. It holds no policy: who may call what is the pipeline's. */
@Injectable()
export class HttpEndpoint implements HttpReceiver {
  constructor(
    private readonly door: HttpDoor,
    private readonly modern: ModernHttp,
    private readonly legacy: LegacyHttp,
    private readonly access: Access,
    private readonly refused: RefusedRequests,
  ) {}

  /** @param parsed - the body, where a framework in front has read it. */
  handle(request: IncomingMessage, response: ServerResponse, parsed?: unknown): void {
    this.door.enter(request, response, parsed, this);
  }

  /** A message or a batch, of either era. */
  post(body: unknown, visit: HttpVisit): void {
    const { response } = visit;
    const headers = mirroredHeaders(visit.request);
    const classified = classify(body, headers);
    if (classified.kind === 'rejected') {
      if (classified.limit !== undefined) this.refused.count(classified.limit);
      sendJson(response, classified.reply);
    } else if (classified.kind === 'request' && classified.era === 'modern') {
      this.modern.handle(classified.message, headers, visit);
    } else if (!this.access.admits(visit.principal)) {
      const id = classified.kind === 'request' ? classified.message.id : null;
      sendJson(response, this.access.refusal(id, visit.remoteAddress));
    } else if (classified.kind === 'notification' && classified.era === 'modern') response.writeHead(202).end();
    else this.legacy.post(classified, visit);
  }

  /** A stream of a session of the 2025 era. */
  get(visit: HttpVisit): void {
    this.legacy.get(visit);
  }

  /** The end of a session of the 2025 era. */
  delete(visit: HttpVisit): void {
    this.legacy.delete(visit);
  }
}

function mirroredHeaders({ headers }: IncomingMessage): MirroredHeaders {
  return {
    protocolVersion: single(headers['mcp-protocol-version']),
    method: single(headers['mcp-method']),
    name: single(headers['mcp-name']),
  };
}

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}

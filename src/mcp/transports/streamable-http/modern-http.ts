import { Injectable } from '@nestjs/common';
import { ServerStatus } from '../../../core/index.js';
import { StreamCredentials } from '../../access/stream-credentials.js';
import type { MirroredHeaders } from '../../classification.js';
import { McpDispatcher } from '../../dispatcher.js';
import { Eras } from '../../eras/eras.js';
import { Exchange } from '../../exchange.js';
import { SlowClients } from '../../limits/slow-clients.js';
import { McpOptions } from '../../mcp.options.js';
import type { JsonRpcRequest, Reply } from '../../wire.js';
import { HttpAnswer } from './http-answer.js';
import type { HttpVisit } from './http-visit.js';
import { checkMirroredHeaders } from './mirrored-headers.js';
import { ParamHeaders } from './param-headers.js';
import { CLOSE, refusal, sendJson } from './refusal.js';

/** The method whose answer is what comes before it. */
const ENDLESS = 'subscriptions/listen';

/** Requests of the 2026 era: each stands for itself, and a client that goes away has cancelled. */
@Injectable()
export class ModernHttp {
  constructor(
    private readonly dispatcher: McpDispatcher,
    private readonly eras: Eras,
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
    private readonly paramHeaders: ParamHeaders,
    private readonly slow: SlowClients,
    private readonly credentials: StreamCredentials,
  ) {}

  handle(message: JsonRpcRequest, headers: MirroredHeaders, visit: HttpVisit): void {
    const { request, response, principal, remoteAddress, waitedMs } = visit;
    const mismatch = checkMirroredHeaders(message, headers) ?? this.paramHeaders.check(message, request.headers);
    if (mismatch !== undefined) return sendJson(response, mismatch);
    const accept = request.headers.accept ?? '';
    const acceptsStream = accept.includes('text/event-stream') || accept.includes('*/*');
    if (!acceptsStream && message.method === ENDLESS) {
      return sendJson(
        response,
        refusal(message.id, 406, 'Accept must list text/event-stream: the answer is a stream.'),
      );
    }
    const answer = new HttpAnswer(response, acceptsStream, this.options.keepAliveMs, this.slow);
    const exchange = new Exchange({
      era: this.eras.modern,
      principal,
      remoteAddress,
      waitedMs,
      headers: request.headers,
      send: (notification, expendable) => answer.send(notification, expendable),
    });
    const finished = this.status.connected();
    const reply = this.dispatcher.handle(message, exchange);
    if (!(reply instanceof Promise)) {
      this.#answer(reply, exchange, answer);
      // A client that takes its time is connected until it has all.
      if (response.writableLength > 0) response.on('close', finished);
      else finished();
      return;
    }
    const unfollow =
      message.method === ENDLESS
        ? this.credentials.follow(visit, () => exchange.cancel('The credential has ended.'))
        : undefined;
    response.on('close', () => {
      finished();
      unfollow?.();
      if (!response.writableFinished) exchange.cancel('The client disconnected.');
    });
    void reply.then((settled) => this.#answer(settled, exchange, answer));
  }

  #answer(reply: Reply, exchange: Exchange, answer: HttpAnswer): void {
    if (exchange.cancelled) answer.abandon();
    else answer.reply(reply, this.status.draining ? CLOSE : undefined);
  }
}

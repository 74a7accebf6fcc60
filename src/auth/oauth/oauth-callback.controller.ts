import { Controller, Get, Injectable, Logger, Req, Res, type Type } from '@nestjs/common';
import { redactError, type Principal } from '../../core/index.js';
import { CurrentPrincipal, Public } from '../decorators.js';
import { CALLBACK_HEADERS, callbackPage, type CallbackPage } from './callback-page.js';
import { AuthorizationServerError, CallbackRefusedError } from './oauth-errors.js';
import { OAuth2Clients } from './oauth2-clients.js';

/** What is needed of a framework's request. */
interface UrlRequest {
  readonly url: string;
}

/** What is needed of a framework's response. */
interface PageResponse {
  header(name: string, value: string): unknown;
  status(code: number): unknown;
}

/** Where browsers come back to after a consent: takes the answer and says what became of it. */
@Injectable()
export abstract class OAuthCallbackController {
  /** The client whose answers come here: one path each keeps the answers of servers apart (RFC 9700, 4.4.2.2). */
  protected abstract readonly client: string;
  readonly #logger = new Logger('OAuthCallback');

  constructor(protected readonly clients: OAuth2Clients) {}

  /**
   * Where the application knows who a browser belongs to (a guard of its own that sets `request.user`), nobody finishes
   * what somebody else began.
   *
   * 200, 400 for an answer that cannot be taken, 502 when the authorization server fails; always a page.
   */
  @Get()
  @Public()
  async callback(
    @Req() { url }: UrlRequest,
    @Res({ passthrough: true }) response: PageResponse,
    @CurrentPrincipal() visitor: Principal | undefined,
  ): Promise<string> {
    for (const [name, value] of CALLBACK_HEADERS) response.header(name, value);
    const { status, ...page } = await this.#answer(new URL(url, 'http://localhost').searchParams, visitor);
    response.status(status);
    return callbackPage(page);
  }

  async #answer(
    parameters: URLSearchParams,
    visitor: Principal | undefined,
  ): Promise<CallbackPage & { readonly status: number }> {
    try {
      const { principalId } = await this.clients.get(this.client).callback(parameters, visitor);
      const text = `${principalId} can now use ${this.client} here. You may close this window and go back.`;
      return { status: 200, title: 'Access granted', text };
    } catch (error) {
      if (error instanceof CallbackRefusedError) {
        return { status: 400, title: 'Access not granted', text: `${error.message} Go back and start again.` };
      }
      this.#logger.warn({ msg: 'a consent could not be finished', client: this.client, error: redactError(error) });
      const text = 'Something went wrong on the way. Go back and start again in a while.';
      return { status: error instanceof AuthorizationServerError ? 502 : 500, title: 'Access not granted', text };
    }
  }
}

/** The controller of one client, at its path. */
export function callbackController(client: string, path: string): Type<OAuthCallbackController> {
  @Controller(path)
  class ClientCallbackController extends OAuthCallbackController {
    protected override readonly client = client;
  }
  return ClientCallbackController;
}

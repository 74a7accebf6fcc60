import type { IncomingMessage } from 'node:http';
import { HttpException, Injectable, Optional, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { MCP_CONTEXT, UnauthenticatedError, callOf, policyOf } from '../core/index.js';
import { AuthService, type HeaderedRequest } from './auth.service.js';
import { AttemptDeadlines } from './door/attempt-deadlines.js';
import type { Authentication } from './door/authentication.js';
import { AuthStrategies } from './door/auth-strategies.js';
import type { CredentialRequest } from './door/credential-request.js';
import { AttemptContext, PassportAttempt } from './door/passport-attempt.js';
import type { Verdict } from './door/verdict.js';
import { Challenges } from './resource-server/challenges.js';

/** Milliseconds that strategies get for one credential. */
const DEADLINE_MS = 5000;

/**
 * The options of Passport's guard. It copies what they have themselves for each attempt, which makes V8 derive the copy's
 * hidden class anew every time (4 µs); what they inherit it only reads.
 */
class DoorOptions {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  get defaultStrategy(): string[] {
    return this.#names as string[];
  }
}

/** What Fastify's and Express's requests have in common. */
interface RouteRequest extends HeaderedRequest {
  readonly raw?: IncomingMessage;
  readonly ip?: string;
  user?: unknown;
}

interface RouteResponse {
  header(name: string, value: string): unknown;
}

/**
 * The door: who is calling, by Passport's strategies, behind a memory of those who came before.
 *
 * The wire calls {@link authenticate} with the raw request. On an ordinary controller it is a guard like any other:
 * `@UseGuards(McpAuthGuard)` puts the principal on `request.user`, where `callOf()` and `@CurrentPrincipal()` find it;
 * `@Public()` lets a route be called without a credential, but not with a wrong one. Needs `AuthModule.forRoot()`.
 */
@Injectable()
export class McpAuthGuard extends AuthGuard() {
  readonly #deadlines = new AttemptDeadlines(DEADLINE_MS);
  readonly #strategies: (context: AttemptContext) => Promise<unknown>;
  declare private options: object;

  constructor(
    // Passport's guard marks its first parameter as optional, and Nest inherits that: what must be there comes second.
    @Optional() private readonly challenges: Challenges,
    private readonly service: AuthService,
    strategies: AuthStrategies,
  ) {
    const ours = new DoorOptions(strategies.names);
    super(ours);
    this.#strategies = (context) => {
      // Nest puts in their place the options of whatever PassportModule it finds, which a team may have for itself.
      this.options = ours;
      return Promise.resolve(super.canActivate(context));
    };
  }

  /** Whether callers must say who they are, for everything that is not public. */
  get required(): boolean {
    return this.service.required;
  }

  /**
   * Who sends a request, by the credential in its headers. At once, without a promise, when it is known from before.
   * Does not reject.
   *
   * @param address - the client's, behind trusted proxies too: wrong credentials are counted by it
   */
  authenticate(request: HeaderedRequest, address: string | undefined): Authentication | Promise<Authentication> {
    return this.service.authenticate(request, address, (attempt) => this.#verify(attempt));
  }

  /** Who a credential from elsewhere stands for: an API key or a token of the environment, on stdio. */
  authenticateSecret(secret: string): Authentication | Promise<Authentication> {
    return this.authenticate({ headers: { authorization: `Bearer ${secret}` } }, undefined);
  }

  /** @throws HttpException with status, challenge and `Retry-After`, when a route's caller is not let in */
  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const open = !this.required || policyOf(context.getClass(), context.getHandler()).requiresAuth === false;
    if (context.getType<string>() === MCP_CONTEXT) {
      if (!open && callOf(context).principal === undefined) throw new UnauthenticatedError();
      return true;
    }
    const request = context.switchToHttp().getRequest<RouteRequest>();
    const { headers, rawHeaders } = request.raw ?? request;
    const found = await this.authenticate({ headers, rawHeaders }, request.ip);
    if (found.kind === 'authenticated') request.user = found.principal;
    else if (found.kind === 'refused') refuse(context, found.status, found);
    else if (!open) {
      const { code, message } = new UnauthenticatedError();
      refuse(context, 401, { code, message, headers: { 'www-authenticate': this.challenges.anonymous() } });
    }
    return true;
  }

  /** Passport's word on a credential, as `AuthGuard` asks for it. */
  override handleRequest<User>(error: unknown, user: User, info: unknown, context: ExecutionContext): User {
    if (context instanceof AttemptContext) context.attempt.note(error, user, info);
    return user;
  }

  /** One credential through all strategies, within the deadline. */
  #verify(request: CredentialRequest): Promise<Verdict> {
    return new PassportAttempt(request).run(this.#strategies, this.#deadlines);
  }
}

function refuse(
  context: ExecutionContext,
  statusCode: number,
  { code, message, headers }: { code: string; message: string; headers: Readonly<Record<string, string>> },
): never {
  const response = context.switchToHttp().getResponse<RouteResponse>();
  for (const [name, value] of Object.entries(headers)) response.header(name, value);
  throw new HttpException({ statusCode, code, message }, statusCode);
}

import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { Challenges, McpAuthGuard, type Authentication } from '../../auth/index.js';
import {
  CallObservers,
  UnauthenticatedError,
  type Principal,
  type RookeryError,
  type Target,
} from '../../core/index.js';
import { PermissionManager, type Visibility } from '../../permissions/index.js';
import { OutcomeError } from '../wire-map.js';
import { errorReply, type Reply, type RequestId } from '../wire.js';
import { outcomeHeaders } from './outcome-headers.js';

const ANONYMOUS: Authentication = { kind: 'anonymous' };
const EVERYTHING: Visibility = { key: '', sees: () => true };

/** Who may come in, and what they see: what the wire asks of `auth` and `permissions`, where these are configured. */
@Injectable()
export class Access {
  constructor(
    private readonly observers: CallObservers,
    @Optional() @Inject(McpAuthGuard) private readonly guard?: McpAuthGuard,
    @Optional() @Inject(Challenges) private readonly challenges?: Challenges,
    @Optional() @Inject(PermissionManager) private readonly permissions?: PermissionManager,
  ) {}

  /** Whether callers must say who they are: everybody, except to what marks itself public. */
  get required(): boolean {
    return this.guard?.required ?? false;
  }

  /** Who sends a request. At once, when the credential is known from before. */
  authenticate(request: IncomingMessage, address: string | undefined): Authentication | Promise<Authentication> {
    return this.guard?.required === true ? this.guard.authenticate(request, address) : ANONYMOUS;
  }

  /** Whether somebody may ask for more than what is public. */
  admits(principal: Principal | undefined): boolean {
    if (!this.required) return true;
    return principal !== undefined && (principal.expiresAt ?? Number.POSITIVE_INFINITY) > Date.now();
  }

  /** The answer to nobody, who asked for what needs somebody (RFC 6750 §3: the challenge names no error). */
  refusal(id: RequestId | null, remoteAddress: string | undefined): Reply {
    this.observers.refused({
      kind: 'request',
      outcome: 'unauthenticated',
      remoteAddress,
      reason: 'no credential came',
    });
    const { failure, code, message, data } = new OutcomeError(new UnauthenticatedError());
    return { ...errorReply(id, 401, code, message, data), headers: this.headersOf(failure) };
  }

  /** What the headers of an answer say of a failed call. */
  headersOf(failure: RookeryError): Readonly<Record<string, string>> | undefined {
    return outcomeHeaders(failure, this.challenges);
  }

  /** What a principal sees of the lists: the decision that its calls meet too. */
  visibleTo(principal: Principal | undefined): Visibility {
    return this.permissions?.visibleTo(principal) ?? EVERYTHING;
  }

  /** Whether a principal sees one target. */
  sees(principal: Principal | undefined, target: Target): boolean {
    return this.visibleTo(principal).sees(target);
  }
}

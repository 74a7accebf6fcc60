import type { Principal } from '../../core/index.js';
import type { AcceptedCredential } from './accepted.js';
import type { CredentialRequest } from './credential-request.js';
import type { RefusalReason } from './refusal-reason.js';

/** What the strategies say of a credential. */
export type Verdict =
  | { readonly kind: 'accepted'; readonly principal: Principal; readonly by: AcceptedCredential }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/** Asks the strategies. Does not reject. */
export type Verify = (request: CredentialRequest) => Promise<Verdict>;

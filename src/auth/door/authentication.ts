import type { FailureCode, Principal } from '../../core/index.js';

/** Who sends a request, as far as its credential says; or why it is not let in. */
export type Authentication = Anonymous | Authenticated | RefusedAuthentication;

/** No credential came. */
export interface Anonymous {
  readonly kind: 'anonymous';
}

/** A credential that is good. */
export interface Authenticated {
  readonly kind: 'authenticated';
  readonly principal: Principal;
}

/** A credential that is not, with the HTTP answer it gets. */
export interface RefusedAuthentication {
  readonly kind: 'refused';
  /** 400: cannot be read; 401: not accepted; 429: too many wrong ones came; 503: cannot be checked right now. */
  readonly status: 400 | 401 | 429 | 503;
  /** For the client: never why. */
  readonly message: string;
  readonly code: FailureCode;
  /** `www-authenticate` (RFC 6750), `retry-after`. */
  readonly headers: Readonly<Record<string, string>>;
}

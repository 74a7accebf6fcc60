import type { IncomingHttpHeaders } from 'node:http';
import type { Credential } from './credential.js';

/**
 * What strategies and providers see of a request: its headers, and the credential that was found in them. There is no
 * query, body or cookie to take one from.
 */
export interface CredentialRequest {
  readonly headers: IncomingHttpHeaders;
  readonly credential: Credential;
  /** The client's address, where there is one. */
  readonly ip: string | undefined;
}

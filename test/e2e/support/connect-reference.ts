import { connectLegacy } from './legacy-client.js';
import { connectModern } from './modern-client.js';
import type { Endpoint, ReferenceClient, Revision } from './reference-client.js';

/** Connects the reference client of a revision. */
export function connectReference(revision: Revision, endpoint: Endpoint): Promise<ReferenceClient> {
  return revision === '2026-07-28' ? connectModern(endpoint) : connectLegacy(endpoint);
}

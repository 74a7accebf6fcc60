import type { OAuth2Client } from './oauth2-client.js';

/** Every configured {@link OAuth2Client}, for code that learns the name at run time. */
export class OAuth2Clients {
  constructor(private readonly clients: ReadonlyMap<string, OAuth2Client>) {}

  /** @throws Error naming the clients that there are. */
  get(name: string): OAuth2Client {
    const client = this.clients.get(name);
    if (client !== undefined) return client;
    const known = this.names.length === 0 ? 'none is configured' : `there are ${this.names.join(', ')}`;
    throw new Error(`There is no OAuth client "${name}" in auth.oauthClients: ${known}.`);
  }

  get names(): readonly string[] {
    return [...this.clients.keys()];
  }
}

import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { Telemetry } from '../../core/index.js';
import { makeClient } from './make-client.js';
import { callbackController } from './oauth-callback.controller.js';
import { OAuthEgress } from './oauth-egress.js';
import {
  oauthClientsOptions,
  redirectPathOf,
  type OAuthClientsInput,
  type OAuthClientsOptions,
} from './oauth.options.js';
import { oauth2ClientToken } from './inject-oauth2-client.js';
import { OAuth2Clients } from './oauth2-clients.js';
import { openTokenStores } from './open-token-stores.js';
import { TokenSealer } from './token-sealer.js';
import { TokenStoreFactories } from './token-store-factories.js';

/**
 * {@link OAuth2Client}s for the protected systems that tools call, and the pages where browsers come back to. Global;
 * import it once, where there are such systems. Tokens kept in Redis or the database need {@link TokenStoreFactories},
 * provided globally by the adapters.
 *
 * @example
 * ```ts
 * OAuthClientsModule.forRoot({
 *   publicUrl: 'https://mcp.example.com',
 *   clients: { crm: { issuer: 'https://login.example.com', clientId: 'rookery', scopes: ['contacts.read'] } },
 * })
 * ```
 */
@Module({})
export class OAuthClientsModule {
  /** @throws Error listing every fault of the options with its key */
  static forRoot(options: OAuthClientsInput): DynamicModule {
    const parsed = parse(options);
    const names = Object.keys(parsed.clients);
    const named = names.map((name): Provider => ({
      provide: oauth2ClientToken(name),
      useFactory: (clients: OAuth2Clients) => clients.get(name),
      inject: [OAuth2Clients],
    }));
    const clients: Provider = {
      provide: OAuth2Clients,
      useFactory: (egress: OAuthEgress, telemetry: Telemetry, factories?: TokenStoreFactories) =>
        makeClients(parsed, egress, telemetry, factories),
      inject: [OAuthEgress, Telemetry, { token: TokenStoreFactories, optional: true }],
    };
    return {
      module: OAuthClientsModule,
      global: true,
      controllers: Object.entries(parsed.clients).map(([name, client]) =>
        callbackController(name, redirectPathOf(name, client)),
      ),
      providers: [OAuthEgress, clients, ...named],
      exports: [OAuth2Clients, ...names.map(oauth2ClientToken)],
    };
  }
}

async function makeClients(
  { clients, encryptionKeys, publicUrl }: OAuthClientsOptions,
  egress: OAuthEgress,
  telemetry: Telemetry,
  factories: TokenStoreFactories | undefined,
): Promise<OAuth2Clients> {
  const stores = await openTokenStores(clients, factories);
  const sealer = new TokenSealer(encryptionKeys);
  const surroundings = { sealer, telemetry, publicUrl, fetch: egress.fetch.bind(egress) };
  const made = [...stores].map(([name, own]) => {
    const options = clients[name] as OAuthClientsOptions['clients'][string];
    return [name, makeClient(name, options, own, surroundings)] as const;
  });
  return new OAuth2Clients(new Map(made));
}

function parse(options: OAuthClientsInput): OAuthClientsOptions {
  const result = oauthClientsOptions.safeParse(options);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `- ${path.join('.')}: ${message}`);
  throw new Error(`OAuthClientsModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}

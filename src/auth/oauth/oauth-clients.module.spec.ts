import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from 'vitest';
import { CoreModule } from '../../core/index.js';
import { InMemoryTokenStore } from './in-memory-token-store.js';
import { InjectOAuth2Client } from './inject-oauth2-client.js';
import { OAuth2Client } from './oauth2-client.js';
import { OAuth2Clients } from './oauth2-clients.js';
import { OAuthClientsModule } from './oauth-clients.module.js';
import type { OAuthClientsInput } from './oauth.options.js';
import { TokenStoreFactories } from './token-store-factories.js';

const CRM = { clientId: 'rookery', tokenUrl: 'https://login.example.com/token' };
const KEY = 'a key of thirty-two characters or more!!';

@Injectable()
class CrmTools {
  constructor(@InjectOAuth2Client('crm') readonly crm: OAuth2Client) {}
}

function start(options: OAuthClientsInput, factories?: TokenStoreFactories) {
  @Module({
    providers: factories === undefined ? [] : [{ provide: TokenStoreFactories, useValue: factories }],
    exports: factories === undefined ? [] : [TokenStoreFactories],
  })
  class StoresModule {}
  const stores = { module: StoresModule, global: true };
  const imports = [CoreModule, stores, OAuthClientsModule.forRoot(options)];
  return Test.createTestingModule({ imports, providers: [CrmTools] }).compile();
}

describe('OAuthClientsModule', () => {
  it('injects clients by name, and gives them by name at run time', async () => {
    const module = await start({ clients: { crm: CRM, erp: CRM } });
    expect(module.get(CrmTools).crm).toBe(module.get(OAuth2Clients).get('crm'));
    expect(module.get(OAuth2Clients).names).toEqual(['crm', 'erp']);
    expect(() => module.get(OAuth2Clients).get('cmr')).toThrow(
      'There is no OAuth client "cmr" in auth.oauthClients: there are crm, erp.',
    );
    await module.close();
  });

  it('stops the start where a tool asks for a client that is not configured', async () => {
    await expect(start({ clients: { erp: CRM } })).rejects.toThrow('OAuth2Client:crm');
  });

  it('opens a shared store once', async () => {
    let opened = 0;
    const factories = new TokenStoreFactories({ redis: async () => (opened++, new InMemoryTokenStore()) });
    const redis = { ...CRM, tokenStorage: 'redis' } as const;
    const module = await start({ encryptionKeys: [KEY], clients: { crm: redis, erp: redis } }, factories);
    expect(opened).toBe(1);
    await module.close();
  });

  it('stops the start where tokens are to be kept in what is not there', async () => {
    const database = { ...CRM, tokenStorage: 'database' } as const;
    await expect(start({ encryptionKeys: [KEY], clients: { crm: database } })).rejects.toThrow(
      'auth.oauthClients.crm.tokenStorage is database, but there is none: store.url is not set',
    );
  });

  it('names every fault of its options', () => {
    const clients = { crm: { ...CRM, tokenUrl: 'http://login.example.com' }, erp: { ...CRM, clientId: '' } };
    expect(() => OAuthClientsModule.forRoot({ clients })).toThrow(
      /clients\.crm\.tokenUrl: [^]*clients\.erp\.clientId: /,
    );
  });
});

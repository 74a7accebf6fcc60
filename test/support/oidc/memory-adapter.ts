import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresAt: number;
}

/**
 * What an authorization server remembers, for one server of one test.
 *
 * With `refreshGraceMs` a refresh token that was used is as good as unused for so long, as many servers have it for
 * clients that lost the answer; without, using it again ends everything that came of the consent.
 */
export class OidcMemory {
  readonly #entries = new Map<string, Entry>();
  refreshGraceMs = 0;

  adapter(model: string): Adapter {
    const keyOf = (id: string) => `${model}:${id}`;
    const find = (id: string) => this.#find(keyOf(id));
    const by = (property: 'uid' | 'userCode', value: string) =>
      [...this.#entries].find(([key, { payload }]) => key.startsWith(`${model}:`) && payload[property] === value)?.[1]
        .payload;
    return {
      upsert: async (id, payload, expiresIn) => this.#set(keyOf(id), payload, expiresIn),
      find: async (id) => find(id),
      findByUid: async (uid) => by('uid', uid),
      findByUserCode: async (userCode) => by('userCode', userCode),
      destroy: async (id) => void this.#entries.delete(keyOf(id)),
      consume: async (id) => {
        const payload = this.#entries.get(keyOf(id))?.payload;
        if (payload !== undefined) payload.consumed = Date.now() / 1000;
      },
      revokeByGrantId: async (grantId) => this.revokeGrant(grantId),
    };
  }

  /** Knows a client from now on. */
  addClient(metadata: { readonly client_id: string } & AdapterPayload): void {
    this.#set(`Client:${metadata.client_id}`, metadata, undefined);
  }

  /** Ends every consent, as a person does who takes it back. */
  revokeConsents(): void {
    for (const key of this.#entries.keys())
      if (/^(?:Grant|RefreshToken|AccessToken):/.test(key)) this.#entries.delete(key);
  }

  revokeGrant(grantId: string): void {
    for (const [key, { payload }] of this.#entries) if (payload.grantId === grantId) this.#entries.delete(key);
  }

  #set(key: string, payload: AdapterPayload, expiresIn: number | undefined): void {
    this.#entries.set(key, {
      payload: { ...payload },
      expiresAt: expiresIn === undefined ? Infinity : Date.now() + expiresIn * 1000,
    });
  }

  #find(key: string): AdapterPayload | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt <= Date.now()) return undefined;
    const { consumed, ...payload } = entry.payload;
    const inGrace = key.startsWith('RefreshToken:') && Number(consumed) * 1000 + this.refreshGraceMs > Date.now();
    return consumed === undefined || inGrace ? payload : entry.payload;
  }
}

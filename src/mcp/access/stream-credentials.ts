import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, Logger, Optional, type OnModuleDestroy } from '@nestjs/common';
import { AuthState } from '../../auth/index.js';
import { principalKey, redactError, type Principal } from '../../core/index.js';
import { Access } from './access.js';

/** Who opened a stream, and with what. */
export interface StreamOpener {
  readonly request: IncomingMessage;
  readonly principal: Principal | undefined;
}

interface Followed extends StreamOpener {
  readonly end: () => void;
}

/**
 * Ends streams whose credential has ended: it is asked for anew while they are open, so that a revoked key stops working
 * within `auth.revocationSeconds` there too. A credential that cannot be checked ends its streams.
 */
@Injectable()
export class StreamCredentials implements OnModuleDestroy {
  readonly #followed = new Set<Followed>();
  readonly #logger = new Logger('Mcp');
  /** Half of the time: the other half is what the key store may take to tell of a change. */
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly access: Access,
    @Optional() @Inject(AuthState) auth?: AuthState,
  ) {
    this.#everyMs = (auth?.options.revocationSeconds ?? 1) * 500;
  }

  /** @returns how to stop, for a stream that ends by itself */
  follow({ request, principal }: StreamOpener, end: () => void): () => void {
    if (!this.access.required) return () => undefined;
    const followed: Followed = { request, principal, end };
    this.#followed.add(followed);
    this.#timer ??= setInterval(() => this.#look(), this.#everyMs).unref();
    return () => {
      this.#followed.delete(followed);
      if (this.#followed.size === 0) this.#rest();
    };
  }

  onModuleDestroy(): void {
    this.#rest();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    for (const followed of this.#followed) void this.#judge(followed);
  }

  async #judge(followed: Followed): Promise<void> {
    if (!(await this.#stillGood(followed)) && this.#followed.delete(followed)) followed.end();
  }

  /** Without an address: who was let in before makes no wrong attempts. */
  async #stillGood({ request, principal }: Followed): Promise<boolean> {
    try {
      const found = await this.access.authenticate(request, undefined);
      const now = found.kind === 'authenticated' ? found.principal : undefined;
      return this.access.admits(now) && principalKey(now) === principalKey(principal);
    } catch (error) {
      this.#logger.error({ msg: 'the credential of an open stream could not be checked', err: redactError(error) });
      return false;
    }
  }
}

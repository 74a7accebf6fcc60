import { Injectable } from '@nestjs/common';
import { ServerStatus } from '../../core/index.js';
import type { ResultParts } from '../eras/era.js';
import { McpOptions } from '../mcp.options.js';
import type { Method, MethodGroup } from '../method.js';
import { LEGACY_VERSIONS, MODERN_VERSION, type Params } from '../wire.js';

const EMPTY: ResultParts = { members: '' };

/** `server/discover`, `initialize` and `ping`: who the server is and what it can do. */
@Injectable()
export class LifecycleMethods implements MethodGroup {
  readonly capabilities = {};
  readonly methods: readonly Method[] = [
    { name: 'server/discover', eras: ['modern'], handle: () => this.#discover() },
    { name: 'initialize', eras: ['legacy'], handle: (params) => this.#initialize(params) },
    { name: 'ping', eras: ['legacy'], handle: () => EMPTY },
  ];
  #capabilities = '{}';

  constructor(
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
  ) {}

  /** Takes what the other methods add to the server's capabilities. */
  announce(capabilities: Readonly<Record<string, object>>): void {
    this.#capabilities = JSON.stringify(capabilities);
  }

  #discover(): ResultParts {
    const members = `"supportedVersions":${JSON.stringify([MODERN_VERSION])},"capabilities":${this.#capabilities}`;
    return { members: `${members}${this.#instructions()}`, cache: { ttlMs: this.options.listTtlMs, scope: 'public' } };
  }

  /** Echoes a revision that is served, else offers the newest one (L/basic/lifecycle). */
  #initialize(params: Params): ResultParts {
    const asked = params['protocolVersion'];
    const version = typeof asked === 'string' && LEGACY_VERSIONS.includes(asked) ? asked : LEGACY_VERSIONS[0];
    const serverInfo = JSON.stringify(this.status.identity);
    const members = `"protocolVersion":"${version}","capabilities":${this.#capabilities},"serverInfo":${serverInfo}`;
    return { members: `${members}${this.#instructions()}` };
  }

  #instructions(): string {
    const { instructions } = this.options;
    return instructions === undefined ? '' : `,"instructions":${JSON.stringify(instructions)}`;
  }
}

import { Injectable } from '@nestjs/common';
import { ServerStatus } from '../../core/index.js';
import type { ResultParts } from '../eras/era.js';
import type { Exchange } from '../exchange.js';
import { McpOptions } from '../mcp.options.js';
import type { Method, MethodGroup } from '../method.js';
import { LEGACY_VERSIONS, MODERN_VERSION, optionalObject, requireString, type Params } from '../wire.js';

type Capabilities = Readonly<Record<string, object>>;

const EMPTY: ResultParts = { members: '' };

/** `server/discover`, `initialize` and `ping`: who the server is and what it can do. */
@Injectable()
export class LifecycleMethods implements MethodGroup {
  readonly capabilities = {};
  readonly methods: readonly Method[] = [
    { name: 'server/discover', traced: true, eras: ['modern'], handle: () => this.#discover() },
    {
      name: 'initialize',
      traced: true,
      eras: ['legacy'],
      handle: (params, exchange) => this.#initialize(params, exchange),
    },
    { name: 'ping', eras: ['legacy'], handle: () => EMPTY },
  ];
  #capabilities: Capabilities = {};
  #extensions: () => Capabilities = () => ({});

  constructor(
    private readonly status: ServerStatus,
    private readonly options: McpOptions,
  ) {}

  /** Takes what the other methods add to the server's capabilities; extensions come and go with what is served. */
  announce(capabilities: Capabilities, extensions: () => Capabilities): void {
    this.#capabilities = capabilities;
    this.#extensions = extensions;
  }

  #discover(): ResultParts {
    const extensions = this.#extensions();
    const capabilities =
      Object.keys(extensions).length === 0 ? this.#capabilities : { ...this.#capabilities, extensions };
    const members = `"supportedVersions":${JSON.stringify([MODERN_VERSION])},"capabilities":${JSON.stringify(capabilities)}`;
    return { members: `${members}${this.#instructions()}`, cache: { ttlMs: this.options.listTtlMs, scope: 'public' } };
  }

  /** Echoes a revision that is served, else offers the newest one (L/basic/lifecycle). */
  #initialize(params: Params, { state }: Exchange): ResultParts {
    const asked = requireString(params, 'protocolVersion');
    const version = LEGACY_VERSIONS.includes(asked) ? asked : (LEGACY_VERSIONS[0] as string);
    if (state !== undefined) {
      state.protocolVersion = version;
      state.capabilities = optionalObject(params, 'capabilities');
      state.initialized = true;
    }
    const serverInfo = JSON.stringify(this.status.identity);
    const members = `"protocolVersion":"${version}","capabilities":${JSON.stringify({ ...this.#capabilities, logging: {} })},"serverInfo":${serverInfo}`;
    return { members: `${members}${this.#instructions()}` };
  }

  #instructions(): string {
    const { instructions } = this.options;
    return instructions === undefined ? '' : `,"instructions":${JSON.stringify(instructions)}`;
  }
}

import type { ServerCapabilities } from '@modelcontextprotocol/sdk/types.js';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { z } from 'zod';
import { ChangeBus, ServerStatus, Tracer, redactError, type Principal } from '../../core/index.js';
import { McpDispatcher } from '../dispatcher.js';
import { Eras } from '../eras/eras.js';
import { Exchange } from '../exchange.js';
import { McpMethods } from '../methods/mcp-methods.js';
import { LEGACY_VERSIONS } from '../wire.js';
import { Sdk } from './sdk.js';
import { SdkClient, type SdkClientParts } from './sdk-client.js';

/** What the server says of itself. */
interface Introduction {
  readonly capabilities: ServerCapabilities;
  readonly instructions?: string;
}

/** What the SDK's server answers itself, so that it knows its client. */
const ITS_OWN = 'initialize';

/** Makes a server of the SDK's for each client, with every method of the 2025 era on it. */
@Injectable()
export class SdkClients implements OnModuleInit {
  readonly #logger = new Logger('Mcp');
  readonly #parts: SdkClientParts;
  readonly #requests: readonly { readonly name: string; readonly schema: ReturnType<typeof requestOf> }[];
  #introduction: Introduction = { capabilities: {} };

  constructor(
    private readonly sdk: Sdk,
    dispatcher: McpDispatcher,
    private readonly eras: Eras,
    private readonly status: ServerStatus,
    changes: ChangeBus,
    private readonly methods: McpMethods,
    tracer: Tracer,
  ) {
    const failed = (error: unknown): void => {
      this.#logger.debug({ msg: 'a message was not sent or not understood', err: redactError(error) });
    };
    this.#parts = { sdk, dispatcher, era: eras.legacy, changes, tracer, failed };
    this.#requests = methods.all
      .filter(({ name, eras: among }) => name !== ITS_OWN && (among?.includes('legacy') ?? true))
      .map(({ name }) => ({ name, schema: requestOf(name) }));
  }

  /** Learns what the server says of itself from the method that says it to every client; the door is not asked. */
  async onModuleInit(): Promise<void> {
    const exchange = new Exchange({ era: this.eras.legacy, send: () => undefined });
    const method = this.methods.all.find(({ name }) => name === ITS_OWN);
    const said = await method?.handle({ protocolVersion: LEGACY_VERSIONS[0] }, exchange, 0);
    this.#introduction = JSON.parse(`{${said?.members ?? ''}}`) as Introduction;
  }

  create(principal: Principal | undefined): SdkClient {
    const { name, version, ...about } = this.status.identity;
    const server = new this.sdk.Server(
      { name, version, ...defined(about) },
      { ...this.#introduction, jsonSchemaValidator: this.sdk.validator },
    );
    const client = new SdkClient(this.#parts, server, principal);
    for (const { name: method, schema } of this.#requests) {
      server.setRequestHandler(schema, ({ params }, extra) => client.answer(method, params, extra));
    }
    return client;
  }
}

/** Parameters are the method's to judge: it refuses them in the same words on every wire. */
function requestOf(method: string) {
  return z.object({ method: z.literal(method), params: z.record(z.string(), z.unknown()).optional() });
}

function defined<T extends object>(value: T): { [K in keyof T]: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };
}

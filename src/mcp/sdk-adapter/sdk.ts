import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { McpError, ResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation';

/** What the adapter uses of `@modelcontextprotocol/sdk`, which is loaded when it is chosen; also its injection token. */
export abstract class Sdk {
  abstract readonly Server: typeof Server;
  abstract readonly HttpTransport: typeof StreamableHTTPServerTransport;
  abstract readonly StdioTransport: typeof StdioServerTransport;
  abstract readonly McpError: typeof McpError;
  /** Takes whatever a client answers: what it must look like is known by who asked. */
  abstract readonly AnyResult: typeof ResultSchema;
  /** One for all servers: each would make its own, with a compiler in it. */
  abstract readonly validator: jsonSchemaValidator;
}

async function importSdk(): Promise<Sdk> {
  const [{ Server }, { StreamableHTTPServerTransport }, { StdioServerTransport }, types, validation] =
    await Promise.all([
      import('@modelcontextprotocol/sdk/server/index.js'),
      import('@modelcontextprotocol/sdk/server/streamableHttp.js'),
      import('@modelcontextprotocol/sdk/server/stdio.js'),
      import('@modelcontextprotocol/sdk/types.js'),
      import('@modelcontextprotocol/sdk/validation/ajv'),
    ]);
  return {
    Server,
    HttpTransport: StreamableHTTPServerTransport,
    StdioTransport: StdioServerTransport,
    McpError: types.McpError,
    AnyResult: types.ResultSchema,
    validator: new validation.AjvJsonSchemaValidator(),
  };
}

/**
 * Loads the SDK.
 *
 * @throws Error saying what to install, when it is not there
 */
export async function loadSdk(load: () => Promise<Sdk> = importSdk): Promise<Sdk> {
  try {
    return await load();
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new Error(
      'The adapter "sdk" (transports.adapter) needs @modelcontextprotocol/sdk, which is not installed. ' +
        'Install it with `npm install @modelcontextprotocol/sdk@1`, or choose "native".',
      { cause: error },
    );
  }
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes("'@modelcontextprotocol/sdk'")
  );
}

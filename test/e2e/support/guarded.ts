import { Injectable } from '@nestjs/common';
import {
  AuthModule,
  McpPrompt,
  McpResource,
  McpTool,
  PermissionsModule,
  Public,
  RequirePermissions,
  RequireRoles,
  RequireScopes,
  createServer,
  type Call,
  type StandaloneServer,
} from '../../../src/index.js';
import type { AuthModuleOptions } from '../../../src/index.js';

/** Keys of the server that {@link serveGuarded} starts. */
export const KEYS = {
  admin: 'rk_admin_Zm9yIHRlc3RzIG9ubHksIG5vdCBh',
  viewer: 'rk_viewer_c2VjcmV0IG9mIGFueWJvZHkgYXQ',
} as const;

/** One target of each kind for administrators, and some for others. */
@Injectable()
export class GuardedTools {
  @McpTool({ description: 'Says who is calling' })
  @RequirePermissions('read')
  whoami(_input: unknown, call: Call): object {
    const { id, roles, scopes } = call.principal ?? { id: 'nobody', roles: [] };
    return { id, roles, ...(scopes !== undefined && { scopes }) };
  }

  @McpTool({ description: 'For administrators' })
  @RequireRoles('admin')
  shutDown(): string {
    return 'done';
  }

  @McpTool({ description: 'For everybody' })
  @Public()
  greet(): string {
    return 'hello';
  }

  @McpTool({ description: 'For tokens with the scope' })
  @RequireScopes('reports:write')
  publish(): string {
    return 'published';
  }

  @McpResource({ uri: 'vault://gold', name: 'gold', description: 'For administrators' })
  @RequireRoles('admin')
  gold(): string {
    return '42 bars';
  }

  @McpPrompt({ description: 'For whoever has a credential' })
  plan(): string {
    return 'Write a plan.';
  }

  @McpPrompt({ description: 'For administrators' })
  @RequireRoles('admin')
  decree(): string {
    return 'Write a decree.';
  }
}

/** Starts a server with two keys, two roles and the tools above. */
export async function serveGuarded(auth: AuthModuleOptions = {}): Promise<StandaloneServer & { readonly url: string }> {
  const server = await createServer({
    port: 0,
    logger: false,
    imports: [
      AuthModule.forRoot({
        apiKeys: {
          admin: { secret: KEYS.admin, roles: ['admin'] },
          viewer: { secret: KEYS.viewer, roles: ['viewer'] },
        },
        ...auth,
      }),
      PermissionsModule.forRoot({ roles: { admin: ['read', 'write'], viewer: ['read'] }, authRequired: true }),
    ],
    providers: [GuardedTools],
  });
  return { ...server, url: await server.start() };
}

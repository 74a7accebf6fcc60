import { Controller, Get, Global, Injectable, Module, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import {
  AuditLogger,
  AuthModule,
  AuthProvider,
  CurrentPrincipal,
  ForbiddenError,
  InjectOAuth2Client,
  McpAuthGuard,
  McpServerModule,
  McpTool,
  OAuth2Client,
  PermissionManager,
  PermissionValidator,
  PermissionsModule,
  Public,
  RequirePermissions,
  RequireRoles,
  RequireScopes,
  ResourceLoader,
  ResourcePermission,
  type Call,
  type Principal,
  type ResourceContext,
} from '../../src/index.js';

/** Stands in for a team's own service. */
@Injectable()
export class Directory {
  whoHas(ticket: string): Promise<{ uid: string; groups: readonly string[] } | undefined> {
    return Promise.resolve(ticket === 'ticket-of-ann' ? { uid: 'ann', groups: ['analyst'] } : undefined);
  }
}

//#region provider
@Injectable()
export class DirectoryProvider extends AuthProvider {
  override readonly cacheable = true;

  constructor(private readonly directory: Directory) {
    super();
  }

  override async authenticate(credential: string): Promise<Principal | undefined> {
    const person = await this.directory.whoHas(credential);
    return person && { id: person.uid, roles: person.groups, permissions: [], attributes: {} };
  }
}
//#endregion

//#region provider-module
@Module({ providers: [Directory], exports: [Directory] })
@Global()
export class DirectoryModule {}

@Module({
  imports: [
    DirectoryModule,
    AuthModule.forRoot({ strategies: [DirectoryProvider] }),
    McpServerModule.forRoot({ name: 'shop' }),
  ],
})
export class ShopModule {}
//#endregion

//#region principal
@Injectable()
export class AccountTools {
  @McpTool({ description: 'Says who is calling', requiresAuth: true })
  whoAmI(_input: unknown, { principal }: Call): string {
    return `${principal?.id} has the roles ${principal?.roles.join(', ')}.`;
  }

  @McpTool({ description: 'Says when the shop is open' })
  @Public()
  openingHours(): string {
    return 'from nine to five';
  }

  @McpTool({ description: 'Cancels an order', inputSchema: z.object({ id: z.string() }) })
  @RequireScopes('orders:write')
  cancelOrder({ id }: { id: string }): string {
    return `${id} is cancelled.`;
  }
}
//#endregion

//#region controller
@Controller('account')
@UseGuards(McpAuthGuard)
export class AccountController {
  @Get()
  account(@CurrentPrincipal() principal: Principal): object {
    return { id: principal.id, roles: principal.roles };
  }
}
//#endregion

//#region oauth-client
@Injectable()
export class CustomerTools {
  constructor(@InjectOAuth2Client('crm') private readonly crm: OAuth2Client) {}

  @McpTool({ description: 'Lists the customers of the person who is calling', requiresAuth: true })
  async listCustomers(_input: unknown, call: Call): Promise<unknown> {
    const token = await this.crm.accessToken({ principal: call.principal, call });
    const response = await fetch('https://crm.example.com/customers', {
      headers: { authorization: `Bearer ${token}` },
      signal: call.signal,
    });
    return response.json();
  }
}
//#endregion

/** A row of a table. */
export interface Dataset {
  readonly id: string;
  readonly sensitivity: number;
}

/** Stands in for a team's own store. */
@Injectable()
export class DatasetStore {
  find(id: string): Promise<Dataset | undefined> {
    return Promise.resolve(id.startsWith('d') ? { id, sensitivity: Number(id.slice(1)) } : undefined);
  }
}

//#region policy
@Injectable()
export class DatasetTools {
  @McpTool({ description: 'Changes a dataset', inputSchema: z.object({ dataset_id: z.string() }) })
  @RequirePermissions('execute')
  @RequireRoles('analyst', 'admin')
  @ResourcePermission('datasets:update', (input: { dataset_id: string }) => input.dataset_id)
  changeDataset({ dataset_id }: { dataset_id: string }): string {
    return `${dataset_id} was changed.`;
  }
}
//#endregion

//#region policy-keys
@Injectable()
export class SameDatasetTools {
  @McpTool({
    description: 'Changes a dataset',
    inputSchema: z.object({ dataset_id: z.string() }),
    requiredPermissions: ['execute'],
    requiredRoles: ['analyst', 'admin'],
    resourcePermission: { permission: 'datasets:update', resource: ({ dataset_id }) => dataset_id },
  })
  alterDataset({ dataset_id }: { dataset_id: string }): string {
    return `${dataset_id} was changed.`;
  }
}
//#endregion

//#region validator
@Injectable()
@ResourceLoader('datasets')
export class DatasetLoader {
  constructor(private readonly store: DatasetStore) {}

  load(id: string): Promise<Dataset | undefined> {
    return this.store.find(id);
  }
}

@Injectable()
@PermissionValidator('clearance')
export class ClearanceValidator {
  validate(principal: Principal, dataset: Dataset, { action }: ResourceContext): boolean {
    const { clearanceLevel } = principal.attributes;
    return action === 'read' || (typeof clearanceLevel === 'number' && clearanceLevel >= dataset.sensitivity);
  }
}
//#endregion

//#region permissions-module
@Module({
  imports: [
    PermissionsModule.forRoot({
      roles: { admin: ['read', 'execute'], analyst: ['read', 'execute'], viewer: ['read'] },
      resourcePermissions: { datasets: { admin: ['read', 'update', 'delete'], analyst: ['read', 'update'] } },
      resources: { datasets: { validators: ['clearance'] } },
    }),
  ],
  providers: [DatasetStore, DatasetTools, DatasetLoader, ClearanceValidator],
})
export class DatasetsModule {}
//#endregion

//#region check
@Injectable()
export class ArchiveTools {
  constructor(
    private readonly store: DatasetStore,
    private readonly permissions: PermissionManager,
  ) {}

  @McpTool({
    description: 'Deletes the datasets of a year',
    inputSchema: z.object({ ids: z.array(z.string()).max(100) }),
  })
  async purge({ ids }: { ids: string[] }, { principal }: Call): Promise<string> {
    for (const id of ids) {
      const dataset = await this.store.find(id);
      const decision = await this.permissions.checkResourcePermission(principal, 'datasets', 'delete', dataset);
      if (!decision.allowed) throw new ForbiddenError(`You may not delete ${id}.`);
    }
    return `${ids.length} datasets are gone.`;
  }
}
//#endregion

//#region audit
@Injectable()
export class RefundTools {
  constructor(private readonly audit: AuditLogger) {}

  @McpTool({
    description: 'Pays money back',
    inputSchema: z.object({ order: z.string(), iban: z.string().meta({ sensitive: true }) }),
    auditLogging: true,
  })
  async refund({ order }: { order: string; iban: string }, call: Call): Promise<string> {
    await this.audit.logOperation({
      call,
      operation: 'refund',
      resourceType: 'order',
      resourceId: order,
      success: true,
    });
    return `${order} is paid back.`;
  }
}
//#endregion

import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { TargetRegistries } from '../core/index.js';
import { Enforcement } from './enforcement.js';
import { Grants } from './grants.js';
import { PermissionManager } from './permission-manager.js';
import { PermissionsContext, type PermissionsModuleOptions } from './permissions-context.js';
import { PolicyChecks } from './policy-checks.js';
import { ResourceCatalog } from './resource-catalog.js';
import { ResourceJudge } from './resource-judge.js';
import { ResourcePermissionGuard } from './resource-permission.guard.js';
import { VisibilityGuard } from './visibility.guard.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<PermissionsModuleOptions>()
  .setClassMethodName('forRoot')
  .setExtras({}, (definition) => ({ ...definition, global: true }))
  .build();

/**
 * Roles, permissions and resource permissions, for everything that can be called. Import it once.
 *
 * @example
 * ```ts
 * PermissionsModule.forRoot({
 *   roles: { analyst: ['read', 'execute'] },
 *   resourcePermissions: { datasets: { analyst: ['read', 'update'] } },
 *   resources: { datasets: { validators: ['data_access'] } },
 *   validators: { data_access: (user: Principal, { level }: Dataset) => Number(user.attributes['clearance']) >= level },
 * });
 * ```
 */
@Module({
  providers: [
    {
      provide: PermissionsContext,
      useFactory: (options: PermissionsModuleOptions) => new PermissionsContext(options),
      inject: [MODULE_OPTIONS_TOKEN],
    },
    {
      provide: Grants,
      useFactory: ({ section, anonymousRoles }: PermissionsContext) => new Grants(section, anonymousRoles),
      inject: [PermissionsContext],
    },
    ResourceCatalog,
    Enforcement,
    {
      provide: ResourceJudge,
      useFactory: ({ section }: PermissionsContext, catalog: ResourceCatalog, enforcement: Enforcement) =>
        new ResourceJudge(section.resources, catalog, (fault) => enforcement.count(fault)),
      inject: [PermissionsContext, ResourceCatalog, Enforcement],
    },
    {
      provide: PermissionManager,
      useFactory: managerOf,
      inject: [PermissionsContext, Grants, ResourceJudge, TargetRegistries],
    },
    VisibilityGuard,
    ResourcePermissionGuard,
    PolicyChecks,
  ],
  exports: [PermissionManager, Enforcement, VisibilityGuard, ResourcePermissionGuard, PolicyChecks],
})
export class PermissionsModule extends ConfigurableModuleClass {}

function managerOf(
  { section: { mode }, authRequired, requirePolicy, anonymousRoles }: PermissionsContext,
  grants: Grants,
  judge: ResourceJudge,
  targets: TargetRegistries,
): PermissionManager {
  const options = { mode, requirePolicy: authRequired && requirePolicy, anonymousRoles };
  return new PermissionManager(options, grants, judge, targets);
}

export {
  PermissionValidator,
  RequirePermissions,
  RequireRoles,
  ResourceLoader,
  ResourcePermission,
} from './decorators.js';
export type { Decision, Refusal } from './decision.js';
export type { ExplainedRule, Explanation } from './explanation.js';
export type { EffectiveGrants } from './grants.js';
export { dataAccess, modelDeploy, type SensitiveResource } from './guide-validators.js';
export { PermissionManager } from './permission-manager.js';
export { PermissionsModule } from './permissions.module.js';
export { permissionsOptions, type PermissionsOptions } from './permissions.options.js';
export type { PermissionsModuleOptions } from './permissions-context.js';
export { findTargetsWithoutPolicy } from './access-rules.js';
export type { ResourceAccess, ResourceAccessOf, ResourceIdOf, ResourcePermissionPolicy } from './policy-keys.js';
export { PolicyChecks } from './policy-checks.js';
export type {
  LoaderFunction,
  ResourceContext,
  ResourceSource,
  ResourceValidator,
  ValidatorFunction,
} from './resource-parts.js';
export { ResourcePermissionGuard } from './resource-permission.guard.js';
export { VisibilityGuard } from './visibility.guard.js';
export type { Visibility } from './visibility.js';

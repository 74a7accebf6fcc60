import { SetMetadata } from '@nestjs/common';
import { SetPolicy } from '../core/index.js';
import type { ResourceIdOf } from './policy-keys.js';

/** Where the names of validators are stored, on their classes. */
export const VALIDATOR_METADATA = 'mcp:permission-validator';
/** Where the names of loaders are stored, on their classes. */
export const LOADER_METADATA = 'mcp:resource-loader';

/**
 * Asks for every one of these permissions, on a tool, resource, prompt or route, or on a class for all of its methods; a
 * method's word goes over its class's. Same as the option `requiredPermissions`.
 *
 * @throws Error, when the class is declared, where another decorator says it too
 */
export function RequirePermissions(...permissions: readonly string[]): MethodDecorator & ClassDecorator {
  return SetPolicy({ requiredPermissions: permissions });
}

/**
 * Asks for any one of these roles, on a tool, resource, prompt or route, or on a class for all of its methods; a method's
 * word goes over its class's. Same as the option `requiredRoles`.
 *
 * @throws Error, when the class is declared, where another decorator says it too
 */
export function RequireRoles(...roles: readonly string[]): MethodDecorator & ClassDecorator {
  return SetPolicy({ requiredRoles: roles });
}

/**
 * Asks for the permission to do something with a resource. With `resource`, which finds its id in the validated input,
 * the resource is loaded and its validators are asked. Same as the option `resourcePermission`.
 *
 * On an ordinary route the input is the request's body, which Nest validates only after its guards.
 *
 * @example
 * ```ts
 * @McpTool({ description: 'Changes a dataset', inputSchema })
 * @ResourcePermission('datasets:update', (args) => args.dataset_id)
 * update(args: UpdateArguments): Promise<Dataset> {}
 * ```
 * @throws Error, when the class is declared, where another decorator says it too
 */
export function ResourcePermission<Input = Readonly<Record<string, unknown>>>(
  permission: string,
  resource?: ResourceIdOf<Input>,
): MethodDecorator & ClassDecorator {
  if (resource === undefined) return SetPolicy({ resourcePermission: permission });
  return SetPolicy({ resourcePermission: { permission, resource: resource as ResourceIdOf } });
}

/**
 * Makes a class a validator of resources, under the name that `permissions.resources.<type>.validators` lists. It
 * implements {@link ResourceValidator} and is a provider with the default scope; it may inject what it needs.
 */
export function PermissionValidator(name: string): ClassDecorator {
  return SetMetadata(VALIDATOR_METADATA, name);
}

/**
 * Makes a class the loader of resources of a type, or under another name that `permissions.resources.<type>.loader`
 * gives. It implements {@link ResourceSource} and is a provider with the default scope.
 */
export function ResourceLoader(name: string): ClassDecorator {
  return SetMetadata(LOADER_METADATA, name);
}

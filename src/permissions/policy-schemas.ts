import { z } from 'zod';
import type { Grants } from './grants.js';
import { parseResourcePermission } from './access-rules.js';
import { listed } from './permissions.options.js';
import type { ResourceJudge } from './resource-judge.js';

/** The policy keys that permissions enforce. */
export const POLICY_KEYS = ['requiredPermissions', 'requiredRoles', 'resourcePermission'] as const;

/** The schemas of the policy keys: their form, and that what they name exists. */
export function policySchemas(
  grants: Grants,
  judge: ResourceJudge,
): Readonly<Record<(typeof POLICY_KEYS)[number], z.ZodType>> {
  const roles = names('a role').superRefine((value, context) => {
    for (const role of value) {
      if (grants.hasRole(role)) continue;
      const message = `there is no role "${role}"; ${listed('the roles', grants.roles)}`;
      context.addIssue({ code: 'custom', message });
    }
  });
  const resource = z.unknown().superRefine((value, context) => {
    for (const message of resourceFaults(value, grants, judge)) context.addIssue({ code: 'custom', message });
  });
  return {
    requiredPermissions: names('a permission').optional(),
    requiredRoles: roles.optional(),
    resourcePermission: resource,
  };
}

function names(what: string): z.ZodType<readonly string[]> {
  const message = `must name at least one; an empty list would protect nothing: leave the option out, or name ${what}`;
  return z.array(z.string().min(1, `${what} must have a name`)).min(1, message);
}

const FORM =
  'must be "type:action", { permission: "type:action", resource: (args) => id }, or a function that returns ' +
  '{ permission, id }';

/** A function's answers are only known in calls, which it then refuses. */
function resourceFaults(value: unknown, grants: Grants, judge: ResourceJudge): readonly string[] {
  if (value === undefined || typeof value === 'function') return [];
  if (typeof value === 'string') return permissionFaults(value, grants);
  if (typeof value !== 'object' || value === null) return [FORM];
  const { permission, resource, ...rest } = value as Readonly<Record<string, unknown>>;
  if (typeof permission !== 'string' || typeof resource !== 'function' || Object.keys(rest).length > 0) return [FORM];
  const faults = permissionFaults(permission, grants);
  const type = parseResourcePermission(permission)?.type;
  if (type === undefined || faults.length > 0 || judge.canLoad(type)) return faults;
  return [
    `finds a resource by its id, but nothing loads ${type}: declare a class with ` +
      `@ResourceLoader("${judge.loaderName(type)}") as a provider`,
  ];
}

function permissionFaults(permission: string, grants: Grants): readonly string[] {
  const wanted = parseResourcePermission(permission);
  if (wanted === undefined) return [FORM];
  const known = grants.resourcePermissions;
  if (known.includes(permission)) return [];
  const types = [...new Set(known.map((one) => one.slice(0, one.indexOf(':'))))];
  if (!types.includes(wanted.type)) {
    return [`there is no type of resource "${wanted.type}"; ${listed('the types', types)}`];
  }
  const prefix = `${wanted.type}:`;
  const actions = known.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
  return [`no role may "${wanted.action}" ${wanted.type}; ${listed('the actions', actions)}`];
}

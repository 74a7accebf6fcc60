import { z } from 'zod';

const name = z.string().regex(/^[^\s:]+$/, 'must be a name without spaces and colons');
const names = z.array(z.string().min(1));

/** How resources of one type are loaded and judged. */
const resourceOptions = z.strictObject({
  loader: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the `@ResourceLoader()` that loads a resource by its id; the name of the type when absent.'),
  validators: names
    .default([])
    .describe('Names of the `@PermissionValidator()`s that must all agree, asked in this order, whatever the action.'),
  timeoutMs: z
    .int()
    .min(1)
    .default(2_000)
    .describe('Milliseconds that loading and judging one resource may take together; after that the call is refused.'),
});

/** The section `permissions` (guide, "Permission management"). */
export const permissionsOptions = z
  .strictObject({
    roles: z
      .record(name, names)
      .default({})
      .describe('Role → the permissions of who has it. Every role that anything names must stand here.'),
    resourcePermissions: z
      .record(name, z.record(name, z.array(name)))
      .default({})
      .describe('Type of resource → role → the actions that the role may take: `datasets` → `analyst` → `update`.'),
    resources: z
      .record(name, resourceOptions)
      .default({})
      .describe('Type of resource → how one is loaded, and which validators judge it.'),
    mode: z
      .enum(['enforce', 'report'])
      .default('enforce')
      .describe(
        '`report` lets through what the rules would refuse, and records it: for the introduction of new rules.',
      ),
  })
  .superRefine(({ roles, resourcePermissions, resources }, context) => {
    for (const [type, actions] of Object.entries(resourcePermissions)) {
      for (const role of Object.keys(actions)) {
        if (Object.hasOwn(roles, role)) continue;
        context.addIssue({
          code: 'custom',
          path: ['resourcePermissions', type, role],
          message: unknownRole(role, roles),
        });
      }
    }
    for (const type of Object.keys(resources)) {
      if (Object.hasOwn(resourcePermissions, type)) continue;
      const message = `no permission mentions this type; ${listed('the types', Object.keys(resourcePermissions))}`;
      context.addIssue({ code: 'custom', path: ['resources', type], message });
    }
  });

/** The section `permissions`, complete. */
export type PermissionsOptions = z.output<typeof permissionsOptions>;

/** Says that a role does not exist, and which do. */
export function unknownRole(role: string, roles: object): string {
  return `there is no role "${role}"; ${listed('the roles', Object.keys(roles))}`;
}

/** `the roles are: admin, viewer`, for the end of a message. */
export function listed(what: string, known: readonly string[]): string {
  return known.length === 0 ? `${what.replace('the ', 'there are no ')} yet` : `${what} are: ${known.join(', ')}`;
}

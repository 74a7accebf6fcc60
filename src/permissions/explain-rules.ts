import type { Principal } from '../core/index.js';
import type { ExplainedRule } from './explanation.js';
import type { Grants } from './grants.js';
import type { AccessRules, ResourceAction } from './access-rules.js';
import type { ResourceJudge } from './resource-judge.js';

/** Every rule of a target for one principal, in the order in which they are checked. */
export function explainRules(
  grants: Grants,
  judge: ResourceJudge,
  principal: Principal | undefined,
  { permissions, roles, resource, resourceAction }: AccessRules,
): readonly ExplainedRule[] {
  const explained = permissions.map((permission) => explainPermission(grants, principal, permission));
  if (roles.length > 0) explained.push(explainRoles(grants, principal, roles));
  if (resourceAction !== undefined) explained.push(explainResource(grants, principal, resourceAction));
  else if (resource !== undefined) {
    explained.push({
      rule: 'resource permission',
      granted: undefined,
      by: 'the arguments name the resource and action',
    });
  }
  if (resourceAction === undefined || typeof resource === 'string') return explained;
  return [...explained, ...explainValidators(judge, resourceAction.type)];
}

function explainPermission(grants: Grants, principal: Principal | undefined, permission: string): ExplainedRule {
  const effective = grants.effective(principal);
  const having = grants.rolesWith(permission);
  const granted = effective.permissions.has(permission);
  return {
    rule: `permission ${permission}`,
    granted,
    by: granted
      ? sourceOf(
          permission,
          principal,
          having.filter((role) => effective.roles.has(role)),
        )
      : missing(having, 'no role has it'),
  };
}

function explainRoles(grants: Grants, principal: Principal | undefined, roles: readonly string[]): ExplainedRule {
  const held = [...grants.effective(principal).roles];
  const matching = roles.filter((role) => held.includes(role));
  const granted = matching.length > 0;
  const by = granted ? `role ${matching.join(', ')}` : `its roles: ${held.join(', ') || '(none)'}`;
  return { rule: `any role of ${roles.join(', ')}`, granted, by };
}

function explainResource(
  grants: Grants,
  principal: Principal | undefined,
  { type, action }: ResourceAction,
): ExplainedRule {
  const permission = `${type}:${action}`;
  const effective = grants.effective(principal);
  const granting = [...new Set([...grants.rolesFor(permission), ...grants.rolesWith(permission)])];
  const held = granting.filter((role) => effective.roles.has(role));
  const granted = held.length > 0 || effective.permissions.has(permission);
  return {
    rule: `resource permission ${permission}`,
    granted,
    by: granted ? sourceOf(permission, principal, held) : missing(granting, 'no role may'),
  };
}

function explainValidators(judge: ResourceJudge, type: string): readonly ExplainedRule[] {
  const by = 'judged in each call, on the resource that its arguments name';
  return judge.validatorNames(type).map((name) => ({ rule: `validator ${name}`, granted: undefined, by }));
}

function sourceOf(permission: string, principal: Principal | undefined, roles: readonly string[]): string {
  const sources = roles.map((role) => `role ${role}`);
  if (principal?.permissions.includes(permission) === true) sources.unshift('the credential itself');
  return sources.join(', ');
}

function missing(roles: readonly string[], none: string): string {
  return roles.length === 0 ? none : `it would come with: ${roles.join(', ')}`;
}

import type { INestApplicationContext } from '@nestjs/common';
import { PrincipalGuard, ScopeGuard } from '../../auth/index.js';
import { Call, RookeryError, type CallGuard, type Found, type Principal } from '../../core/index.js';
import { PermissionManager, type ExplainedRule, type Explanation } from '../../permissions/index.js';
import { UsageError } from '../exit-code.js';

/** Who asks for what. */
export interface ExplainRequest {
  readonly found: Found;
  /** What the caller names: a name, or the URI of a resource. */
  readonly name: string;
  readonly principal: Principal | undefined;
  /** Why a credential is refused whatever it may do; `undefined` for a good one. */
  readonly credentialFault?: string | undefined;
  /** The resource that the call is to be about. */
  readonly resourceId?: string | undefined;
}

/**
 * Every rule that decides whether somebody may call a target: the same guards and the same decisions as in a call. What
 * does not depend on who is calling, such as limits, is not in it, nor are a team's own guards.
 *
 * @throws UsageError when a resource is named and the target asks for none by its id
 */
export async function explainTarget(app: INestApplicationContext, request: ExplainRequest): Promise<Explanation> {
  const { found, name, principal, resourceId } = request;
  const { target } = found;
  const call = new Call({ kind: target.kind, name, input: found.input ?? {}, principal });
  call.bind(target, call.input);
  const permissions = app.get(PermissionManager, { strict: false });
  const explained = permissions.explain(principal, target);
  const first = [
    await credentialRule(app.get(PrincipalGuard, { strict: false }), call, request.credentialFault),
    ...(await scopeRules(app.get(ScopeGuard, { strict: false }), call)),
  ];
  const rest =
    resourceId === undefined ? explained.rules : await judged(permissions, call, explained.rules, resourceId);
  const rules = [...first, ...rest];
  return { ...explained, allowed: allowedBy(rules, explained.visible), rules };
}

async function credentialRule(guard: PrincipalGuard, call: Call, fault: string | undefined): Promise<ExplainedRule> {
  const rule = 'a credential';
  if (fault !== undefined) return { rule, granted: false, by: fault };
  const refusal = await refusalOf(guard, call);
  if (refusal !== undefined) return { rule, granted: false, by: refusal.message };
  return { rule, granted: true, by: call.principal === undefined ? 'none is needed' : call.principal.id };
}

async function scopeRules(guard: ScopeGuard, call: Call): Promise<readonly ExplainedRule[]> {
  const { requiredScopes = [] } = call.target.policy;
  if (requiredScopes.length === 0) return [];
  const granted = (await refusalOf(guard, call)) === undefined;
  const scopes = call.principal?.scopes;
  const by =
    scopes === undefined
      ? 'the credential knows no scopes'
      : `the scopes of the token: ${scopes.join(' ') || '(none)'}`;
  return [{ rule: `scopes ${requiredScopes.join(' ')}`, granted, by }];
}

/** What a guard says to a call. */
async function refusalOf(guard: CallGuard, call: Call): Promise<RookeryError | undefined> {
  try {
    await guard.prepare(call.target)?.(call);
    return undefined;
  } catch (error) {
    if (error instanceof RookeryError) return error;
    throw error;
  }
}

/** Puts the decision on one resource in the place of what could not be said without it. */
async function judged(
  permissions: PermissionManager,
  call: Call,
  rules: readonly ExplainedRule[],
  id: string,
): Promise<readonly ExplainedRule[]> {
  const { resource, resourceAction } = permissions.rulesOf(call.target.policy);
  if (resourceAction === undefined || typeof resource === 'string') {
    throw new UsageError(`the ${call.kind} ${call.target.name} asks for no resource whose id could be given`);
  }
  const { type, action } = resourceAction;
  const decision = await permissions.checkResource(call, resourceAction, id);
  const by = decision.allowed ? 'its validators agree' : `${decision.rule}: ${decision.reason}`;
  return [
    ...rules.filter(({ granted }) => granted !== undefined),
    { rule: `${action} on ${type} ${id}`, granted: decision.allowed, by },
  ];
}

function allowedBy(rules: readonly ExplainedRule[], visible: boolean): boolean | undefined {
  if (!visible || rules.some(({ granted }) => granted === false)) return false;
  return rules.some(({ granted }) => granted === undefined) ? undefined : true;
}

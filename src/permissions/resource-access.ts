import type { Call } from '../core/index.js';
import { refused, type Refusal } from './decision.js';
import { parseResourcePermission, type ResourceAction } from './access-rules.js';
import type { ResourcePermissionPolicy } from './policy-keys.js';

/** What a call wants, or that it could not be found out, which refuses the call. */
export type FoundAccess = (ResourceAction & { readonly id: string | undefined }) | Refusal;

/** Finds what a call wants of which resource in its validated input. */
export function findAccess(policy: ResourcePermissionPolicy, call: Call): FoundAccess {
  if (typeof policy === 'string') return accessOf(policy);
  const input = call.input as Readonly<Record<string, unknown>>;
  try {
    if (typeof policy === 'object') return accessOf(policy.permission, { id: policy.resource(input, call) });
    const { permission, ...rest } = policy(input, call);
    return accessOf(permission, rest);
  } catch (thrown) {
    return refused('resourcePermission', 'the function that finds the resource failed', thrown);
  }
}

/** @param named - with an `id` where one was looked for */
function accessOf(permission: unknown, named: { readonly id?: unknown } = {}): FoundAccess {
  const action = parseResourcePermission(permission);
  if (action === undefined) return refused('resourcePermission', 'no "type:action" was found in the arguments');
  if (!('id' in named)) return { ...action, id: undefined };
  const { id } = named;
  if ((typeof id === 'string' && id !== '') || Number.isFinite(id)) return { ...action, id: String(id) };
  return refused('resourcePermission', `no id of one of ${action.type} was found in the arguments`);
}

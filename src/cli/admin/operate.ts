import { closest } from '../../core/index.js';
import type { CliContext } from '../context.js';
import { UsageError } from '../exit-code.js';
import { json } from '../output.js';
import { adminClient, type AdminFlags } from './admin-client.js';
import { readAnswer } from './answers.js';
import { renderBreakers, renderCache, renderLimits, renderStatus } from './render.js';

/** Whose limits are asked for, as the command line says it. */
export interface LimitsFlags extends AdminFlags {
  readonly principal?: string;
  readonly issuer?: string;
  readonly tenant?: string;
  readonly address?: string;
}

/** What is removed from the cache, as the command line says it. */
export interface ClearFlags extends AdminFlags {
  readonly tool?: string;
  readonly resource?: string;
  readonly prompt?: string;
  readonly tag?: readonly string[];
  readonly all?: boolean;
}

/** `rookery status`. */
export async function showStatus(context: CliContext, flags: AdminFlags): Promise<void> {
  const given = await (await adminClient(context, flags)).get('status');
  context.out(flags.json === true ? json(given) : renderStatus(readAnswer('status', given)));
}

/** `rookery breakers`. */
export async function showBreakers(context: CliContext, flags: AdminFlags): Promise<void> {
  const given = await (await adminClient(context, flags)).get('breakers');
  if (flags.json === true) return context.out(json(given));
  const answer = readAnswer('breakers', given);
  context.out(renderBreakers(answer));
  if (answer.breakers.length === 0) context.err('The server has no breakers.\n');
}

/** `rookery breakers reset`. @throws UsageError when there is none of this name */
export async function resetBreaker(context: CliContext, name: string, flags: AdminFlags): Promise<void> {
  const client = await adminClient(context, flags);
  const names = readAnswer('breakers', await client.get('breakers')).breakers.map((breaker) => breaker.name);
  if (!names.includes(name)) {
    const meant = closest(name, names);
    throw new UsageError(
      `there is no breaker ${name}; ${meant === undefined ? '`rookery breakers` lists them' : `did you mean ${meant}?`}`,
    );
  }
  const given = await client.post(`breakers/${encodeURIComponent(name)}/reset`);
  if (flags.json === true) context.out(json(given));
  else context.err(`The breaker ${name} is ${readAnswer('reset', given).breaker?.state ?? 'gone'}.\n`);
}

/** `rookery limits`. @throws UsageError when nobody is named */
export async function showLimits(context: CliContext, flags: LimitsFlags): Promise<void> {
  const query = new URLSearchParams(whoseLimits(flags)).toString();
  const given = await (await adminClient(context, flags)).get(`limits?${query}`);
  if (flags.json === true) return context.out(json(given));
  const answer = readAnswer('limits', given);
  context.out(renderLimits(answer));
  if (answer.limits.length === 0) context.err('No limits hold there: rateLimit.enabled is false, or none is set.\n');
}

/** `rookery cache`. */
export async function showCache(context: CliContext, flags: AdminFlags): Promise<void> {
  const given = await (await adminClient(context, flags)).get('cache');
  context.out(flags.json === true ? json(given) : renderCache(readAnswer('cache', given)));
}

/** `rookery cache clear`. @throws UsageError when nothing is named, or everything beside something */
export async function clearCache(context: CliContext, flags: ClearFlags): Promise<void> {
  const { tool, resource, prompt, tag: tags, all } = flags;
  const named = [tool, resource, prompt, tags].some((given) => given !== undefined);
  if (named === (all === true)) {
    throw new UsageError('name what is to be removed: --tool, --resource, --prompt, --tag; or --all, and nothing else');
  }
  const given = await (await adminClient(context, flags)).post('cache/clear', { tool, resource, prompt, tags });
  if (flags.json === true) context.out(json(given));
  else context.err(`${all === true ? 'Everything' : 'That'} is removed from the cache.\n`);
}

/** `rookery principals forget`. */
export async function forgetPrincipals(context: CliContext, flags: AdminFlags): Promise<void> {
  const given = await (await adminClient(context, flags)).post('principals/forget');
  if (flags.json === true) return context.out(json(given));
  const { forgotten } = readAnswer('forgotten', given);
  context.err(`${forgotten} remembered credential${forgotten === 1 ? ' is' : 's are'} looked at again.\n`);
}

function whoseLimits({ principal: id, issuer, tenant, address }: LimitsFlags): Record<string, string> {
  if (address !== undefined && id === undefined && issuer === undefined && tenant === undefined) return { address };
  if (id === undefined || address !== undefined) {
    throw new UsageError(
      'name whose limits: --principal <id>, with --issuer and --tenant for tokens; or --address <ip>',
    );
  }
  return { id, ...(issuer !== undefined && { issuer }), ...(tenant !== undefined && { tenant }) };
}

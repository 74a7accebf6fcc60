import type { INestApplicationContext } from '@nestjs/common';
import type { AppConfig } from '../../app.module.js';
import { ApiKeyStore, isAuthRequired } from '../../auth/index.js';
import { closest } from '../../core/index.js';
import { TargetRegistries, type Found } from '../../core/index.js';
import type { Explanation } from '../../permissions/index.js';
import type { CliContext } from '../context.js';
import { CommandFailure, UsageError } from '../exit-code.js';
import { toOverrides, type ConfigOption } from '../options.js';
import { columns, json, printable } from '../output.js';
import { readAttributes, readGrants, type GivenGrants } from '../principal-options.js';
import { explainTarget } from './explain-target.js';
import { keyPrincipal, type KeyPrincipal } from './key-principal.js';
import { describePolicy, targetPolicies } from './target-policies.js';

/** What every command on policies may be given. */
export interface PolicyFlags extends ConfigOption {
  readonly json?: boolean;
}

/** Who is to call what, as the command line says it. */
export interface ExplainFlags extends PolicyFlags, GivenGrants {
  readonly tool?: string;
  readonly resource?: string;
  readonly prompt?: string;
  /** The id of an API key. */
  readonly principal?: string;
  readonly attribute?: readonly string[];
  readonly scope?: readonly string[];
  readonly resourceId?: string;
}

const KINDS = ['tool', 'resource', 'prompt'] as const;

/** `rookery policy explain`. @throws CommandFailure when the caller is refused; UsageError for what does not exist */
export async function explainPolicy(context: CliContext, flags: ExplainFlags): Promise<void> {
  const [kind, name] = askedFor(flags);
  await inApplication(context, flags, async (app, config) => {
    const found = findTarget(app.get(TargetRegistries, { strict: false }), kind, name);
    const { principal, fault } = await callerOf(flags, config, app);
    const { resourceId } = flags;
    const explanation = await explainTarget(app, { found, name, principal, credentialFault: fault, resourceId });
    context.out(flags.json === true ? json(explanation) : render(explanation));
    if (explanation.allowed === false) throw new CommandFailure();
  });
}

/** `rookery policy list`. */
export async function listPolicies(context: CliContext, flags: PolicyFlags): Promise<void> {
  await inApplication(context, flags, (app, { auth }) => {
    const policies = targetPolicies(app.get(TargetRegistries, { strict: false }));
    if (flags.json === true) return context.out(json(policies));
    const authenticated = isAuthRequired(auth);
    const rows = policies.map((target) => [
      target.kind,
      target.uri ?? target.name,
      describePolicy(target, authenticated),
    ]);
    context.out(columns(rows.map((row) => row.map(printable))));
    const without = policies.filter(({ hasPolicy }) => !hasPolicy).length;
    if (without > 0) context.err(advice(without, policies.length, authenticated));
  });
}

async function inApplication(
  { application, source }: CliContext,
  flags: ConfigOption,
  work: (app: INestApplicationContext, config: AppConfig) => void | Promise<void>,
): Promise<void> {
  const config = await application.configuration(source(toOverrides(flags)));
  const app = await application.open(config);
  try {
    await work(app, config);
  } finally {
    await app.close();
  }
}

/** @throws UsageError when nothing is asked for */
function askedFor(flags: ExplainFlags): readonly [(typeof KINDS)[number], string] {
  for (const kind of KINDS) {
    const name = flags[kind];
    if (name !== undefined) return [kind, name];
  }
  throw new UsageError('name what is to be called: --tool <name>, --resource <uri> or --prompt <name>');
}

/** @throws UsageError when there is no such target */
function findTarget(registries: TargetRegistries, kind: (typeof KINDS)[number], name: string): Found {
  const found = registries.find(kind, name);
  if (found !== undefined) return found;
  const known = targetPolicies(registries).filter((policy) => policy.kind === kind);
  const meant = closest(
    name,
    known.map((policy) => policy.uri ?? policy.name),
  );
  const what = meant === undefined ? '`rookery policy list` has them' : `did you mean ${meant}?`;
  throw new UsageError(`there is no ${kind} ${name}; ${what}`);
}

/** Who is to be explained; nobody when nothing is said of them. */
async function callerOf(
  flags: ExplainFlags,
  config: AppConfig,
  app: INestApplicationContext,
): Promise<Partial<KeyPrincipal>> {
  if (flags.principal !== undefined) {
    return await keyPrincipal(flags.principal, config, app.get(ApiKeyStore, { strict: false }), Date.now());
  }
  const grants = readGrants(flags, Object.keys(config.permissions.roles));
  const attributes = readAttributes(flags.attribute);
  const { role, permission, attribute, scope: scopes } = flags;
  if ([role, permission, attribute, scopes].every((given) => given === undefined)) return {};
  return { principal: { id: 'somebody', ...grants, attributes, ...(scopes !== undefined && { scopes }) } };
}

function render({ target, principal, mode, visible, allowed, rules }: Explanation): string {
  const words = { true: 'granted', false: 'refused', undefined: 'depends' };
  const answer = { true: 'allowed', false: 'refused', undefined: 'depends on what the call is about' };
  const lines = [
    `${target} for ${principal}: ${answer[`${allowed}`]}`,
    ...columns(rules.map(({ rule, granted, by }) => ['', words[`${granted}`], rule, by]))
      .trimEnd()
      .split('\n'),
    ...(rules.some(({ rule, granted }) => granted === undefined && rule.startsWith('validator '))
      ? ['Validators judge a resource: name one with --resource-id.']
      : []),
    ...(visible ? [] : ['It is not listed for this caller, and answers as if it did not exist.']),
    ...(allowed === false && mode === 'report'
      ? ['permissions.mode is report: what roles, permissions and validators refuse is let through and recorded.']
      : []),
  ];
  return printable(`${lines.join('\n')}\n`);
}

function advice(without: number, all: number, authenticated: boolean): string {
  const who = authenticated
    ? 'everybody with a credential may call them'
    : 'authentication is off: anybody may call them';
  return `${without} of ${all} say nothing of their callers; ${who}. auth.requirePolicy: true refuses such a start.\n`;
}

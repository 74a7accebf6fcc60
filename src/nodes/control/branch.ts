import { z } from 'zod';
import { ToolError } from '../../core/index.js';
import { COMPARISONS, fulfils } from '../data/transform/conditions.js';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const comparand = z.union([scalar, z.array(scalar).max(10_000)]);

/** How a value is compared; as in the conditions of `FilterNode`. */
export const operator = z.enum([...COMPARISONS, 'in', 'not_in', 'is_missing', 'is_present']);

/** Names of branches; never digits alone, which objects would put before all other names. */
const BRANCH = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;
const BRANCH_RULE = 'the name of a branch must be 1–64 of A–Z a–z 0–9 _ - and begin with a letter or _';

/** What decides on a branch, as parameters. */
export const ruleShape = {
  operator: operator
    .default('equals')
    .describe('How it is compared. Values of different types are neither equal nor comparable: "10" is no number.'),
  value: comparand
    .optional()
    .describe('What it is compared with, for the branches `true` and `false`; a list for `in` and `not_in`.'),
  cases: z
    .record(z.string(), comparand)
    .optional()
    .describe('Instead of `value`: branches, each with what it is compared with. The first that fits is taken.'),
  default: z
    .string()
    .regex(BRANCH, BRANCH_RULE)
    .optional()
    .describe('The branch where no case fits. Without it that is an error.'),
};

/** What decides on a branch. */
export interface BranchRule {
  readonly operator: z.output<typeof operator>;
  readonly value?: Comparand | undefined;
  readonly cases?: Readonly<Record<string, Comparand>> | undefined;
  readonly default?: string | undefined;
}

type Comparand = z.output<typeof comparand>;

const PRESENCE: ReadonlySet<string> = new Set(['is_missing', 'is_present']);
const MEMBERSHIP: ReadonlySet<string> = new Set(['in', 'not_in']);

/** Whether a value that is not there can be judged by this operator. */
export function judgesMissing({ operator: name }: Pick<BranchRule, 'operator'>): boolean {
  return PRESENCE.has(name);
}

/** Something in a rule that cannot be right. */
export interface RuleFault {
  readonly path: readonly string[];
  readonly message: string;
}

/** What is wrong in a rule; nothing when it can be applied to every value. */
export function faultsOfRule({ operator: name, value, cases, default: otherwise }: BranchRule): readonly RuleFault[] {
  const branches = Object.entries(cases ?? {});
  const given: readonly (readonly [readonly string[], Comparand])[] = [
    ...(value === undefined ? [] : [[['value'], value] as const]),
    ...branches.map(([branch, wanted]) => [['cases', branch], wanted] as const),
  ];
  const together: readonly (readonly [boolean, string, string])[] = [
    [value !== undefined && cases !== undefined, 'cases', 'must not be there beside `value`'],
    [cases !== undefined && branches.length === 0, 'cases', 'must have a case'],
    [otherwise !== undefined && cases === undefined, 'default', 'has a meaning with `cases` only'],
    [
      !PRESENCE.has(name) && name !== 'equals' && value === undefined && cases === undefined,
      'value',
      `must be there, or \`cases\`: ${name} compares with something`,
    ],
  ];
  return [
    ...together.filter(([wrong]) => wrong).map(([, parameter, message]) => ({ path: [parameter], message })),
    ...branches
      .filter(([branch]) => !BRANCH.test(branch))
      .map(([branch]) => ({ path: ['cases', branch], message: BRANCH_RULE })),
    ...given.flatMap(([path, wanted]) => {
      const message = faultOfComparand(name, wanted);
      return message === undefined ? [] : [{ path, message }];
    }),
  ];
}

function faultOfComparand(name: BranchRule['operator'], wanted: Comparand): string | undefined {
  if (PRESENCE.has(name)) return `must not be there: ${name} compares with nothing`;
  if (MEMBERSHIP.has(name) === Array.isArray(wanted)) return undefined;
  return MEMBERSHIP.has(name) ? `must be a list: ${name} looks for a value in it` : 'must not be a list';
}

/** The branches that a rule can take: what a workflow may connect to. */
export function branchesOf({ cases, default: otherwise }: BranchRule): readonly string[] {
  if (cases === undefined) return ['true', 'false'];
  return [...new Set([...Object.keys(cases), ...(otherwise === undefined ? [] : [otherwise])])];
}

/**
 * The branch for a value. Without `value` and `cases` the value itself decides, and must be a boolean.
 *
 * @throws ToolError when no case fits and there is no default, or a value that is to decide by itself is no boolean
 */
export function branchFor(judged: unknown, rule: BranchRule): string {
  const { operator: name, value, cases } = rule;
  if (cases !== undefined) return caseFor(judged, rule);
  if (value === undefined && !PRESENCE.has(name)) return String(asBoolean(judged));
  return String(fits(judged, name, value));
}

function caseFor(judged: unknown, { operator: name, cases = {}, default: otherwise }: BranchRule): string {
  for (const [branch, wanted] of Object.entries(cases)) if (fits(judged, name, wanted)) return branch;
  if (otherwise !== undefined) return otherwise;
  const known = Object.keys(cases).join(', ');
  throw new ToolError(`No case fits ${shown(judged)} (${known}). Name a branch for such values in \`default\`.`);
}

function fits(judged: unknown, name: BranchRule['operator'], wanted: Comparand | undefined): boolean {
  const row = { value: judged };
  if (name === 'is_missing' || name === 'is_present') return fulfils(row, { column: 'value', operator: name });
  if (name === 'in' || name === 'not_in') {
    return fulfils(row, { column: 'value', operator: name, values: Array.isArray(wanted) ? wanted : [] });
  }
  return !Array.isArray(wanted) && wanted !== undefined
    ? fulfils(row, { column: 'value', operator: name, value: wanted })
    : false;
}

/** @throws ToolError for what only looks like a boolean */
function asBoolean(judged: unknown): boolean {
  if (typeof judged === 'boolean') return judged;
  throw new ToolError(
    `${shown(judged)} is neither true nor false. Compare it: give \`value\` or \`cases\`, or the operator is_present.`,
  );
}

/** A value in a message: short, its type to be seen. */
function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'a list' : 'an object';
}

import { CancelledError, type Call, type Principal } from '../core/index.js';
import { ALLOWED, refused, type Decision, type Refusal } from './decision.js';
import type { ResourceAction } from './access-rules.js';
import type { PermissionsOptions } from './permissions.options.js';
import type { NamedParts, ResourceContext } from './resource-parts.js';

/** Ways in which a loader, a validator or the function that finds an id may fail; each of them refuses the call. */
export type PermissionFault =
  'loader_failed' | 'loader_timeout' | 'validator_failed' | 'validator_timeout' | 'validator_answer' | 'resource_id';

/** What is to be judged. */
export interface ResourceSubject extends ResourceAction {
  readonly principal: Principal;
  readonly call?: Call | undefined;
}

type TypeOptions = PermissionsOptions['resources'][string];

/** A check under way: what it waits for now, and whether anybody still waits for it. */
interface Progress {
  doing: { readonly rule: string; readonly timeout: PermissionFault };
  readonly signal: AbortSignal;
}

/** Loads resources and asks the validators of their type. Whatever goes wrong refuses, and is counted. */
export class ResourceJudge {
  readonly #types: ReadonlyMap<string, TypeOptions>;

  /** @param count - told of every fault; never of an ordinary refusal */
  constructor(
    resources: PermissionsOptions['resources'],
    private readonly parts: NamedParts,
    private readonly count: (fault: PermissionFault) => void,
  ) {
    this.#types = new Map(Object.entries(resources));
  }

  /** Whether resources of a type can be loaded by their id. */
  canLoad(type: string): boolean {
    return this.parts.loader(this.loaderName(type)) !== undefined;
  }

  /** The name under which the loader of a type is looked for. */
  loaderName(type: string): string {
    return this.#types.get(type)?.loader ?? type;
  }

  /** The names of a type's validators, in the order in which they are asked. */
  validatorNames(type: string): readonly string[] {
    return this.#types.get(type)?.validators ?? [];
  }

  /** Loads a resource and asks its validators. @throws CancelledError when the caller goes away meanwhile */
  judgeById(subject: ResourceSubject & { readonly call: Call }, id: string): Promise<Decision> {
    const name = this.loaderName(subject.type);
    const rule = `loader:${name}`;
    return this.#within(subject, { rule, timeout: 'loader_timeout' }, async (progress) => {
      const load = this.parts.loader(name);
      if (load === undefined) return refused(rule, `there is no loader "${name}"`);
      let resource: unknown;
      try {
        resource = await load(id, subject.call, progress.signal);
      } catch (thrown) {
        return this.#fault(progress, 'loader_failed', rule, 'the loader failed', thrown);
      }
      if (resource === undefined || resource === null) return refused(rule, 'there is no such resource');
      return this.#validate(subject, resource, progress, id);
    });
  }

  /** Asks the validators of a resource that is at hand. */
  async judge(subject: ResourceSubject, resource: unknown): Promise<Decision> {
    if (resource === undefined || resource === null) return refused(`loader:${subject.type}`, 'no resource was given');
    const [first] = this.validatorNames(subject.type);
    if (first === undefined) return ALLOWED;
    const doing = { rule: `validator:${first}`, timeout: 'validator_timeout' } as const;
    return this.#within(subject, doing, (progress) => this.#validate(subject, resource, progress));
  }

  async #validate(
    { principal, type, action, call }: ResourceSubject,
    resource: unknown,
    progress: Progress,
    id?: string,
  ): Promise<Decision> {
    const { signal } = progress;
    const context: ResourceContext = { type, action, id, call, signal };
    for (const name of this.validatorNames(type)) {
      const rule = `validator:${name}`;
      if (signal.aborted) return refused(rule, 'it was not asked, as nobody waits any more');
      progress.doing = { rule, timeout: 'validator_timeout' };
      const validate = this.parts.validator(name);
      if (validate === undefined) return refused(rule, `there is no validator "${name}"`);
      let answer: unknown;
      try {
        answer = await validate(principal, resource as never, context);
      } catch (thrown) {
        return this.#fault(progress, 'validator_failed', rule, 'the validator failed', thrown);
      }
      if (answer === false) return refused(rule, `the validator does not permit to ${action} this one of ${type}`);
      if (answer !== true) {
        return this.#fault(progress, 'validator_answer', rule, `the validator returned ${typeName(answer)}, not true`);
      }
    }
    return ALLOWED;
  }

  /** Settles when `work` does, when the time of the type is over, or when the caller goes away: whichever comes first. */
  async #within(
    { type, call }: ResourceSubject,
    doing: Progress['doing'],
    work: (progress: Progress) => Promise<Decision>,
  ): Promise<Decision> {
    const timeoutMs = this.#types.get(type)?.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const controller = new AbortController();
    const progress: Progress = { doing, signal: controller.signal };
    return new Promise<Decision>((resolve, reject) => {
      const giveUp = (): void => {
        finish();
        controller.abort();
      };
      const late = (): void => {
        const { rule, timeout } = progress.doing;
        resolve(this.#fault(progress, timeout, rule, `no answer within ${timeoutMs} ms`));
        giveUp();
      };
      const left = (): void => {
        reject(call?.signal.reason ?? new CancelledError());
        giveUp();
      };
      const timer = setTimeout(late, timeoutMs);
      const finish = (): void => {
        clearTimeout(timer);
        call?.signal.removeEventListener('abort', left);
      };
      if (call?.aborted === true) {
        left();
        return;
      }
      call?.signal.addEventListener('abort', left, { once: true });
      work(progress).then(resolve, reject).finally(finish);
    });
  }

  /** A fault of work that nobody waits for any more was counted when its time was over. */
  #fault({ signal }: Progress, fault: PermissionFault, rule: string, reason: string, thrown?: unknown): Refusal {
    if (!signal.aborted) this.count(fault);
    return refused(rule, reason, thrown);
  }
}

/** For types that the section `resources` does not mention. */
const DEFAULT_TIMEOUT_MS = 2_000;

function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

import { Injectable, Logger } from '@nestjs/common';
import { CallNotes, DenialReason, Telemetry, type Call, type Counter, type Target } from '../core/index.js';
import type { Decision } from './decision.js';
import { PermissionsContext } from './permissions-context.js';
import type { PermissionFault } from './resource-judge.js';

/** What becomes of a decision: a refused call, or in `report` mode a record of what would have been refused. */
@Injectable()
export class Enforcement {
  readonly #logger = new Logger('Permissions');
  readonly #wouldRefuse: Counter;
  readonly #faults: Counter;
  readonly #logged = new WeakMap<Target, Set<string>>();

  constructor(
    private readonly context: PermissionsContext,
    private readonly notes: CallNotes,
    telemetry: Telemetry,
  ) {
    this.#wouldRefuse = telemetry.counter({
      name: 'rookery_permission_would_refuse_total',
      help: 'Calls that were let through because permissions.mode is "report".',
      labels: ['rule'],
    });
    this.#faults = telemetry.counter({
      name: 'rookery_permission_faults_total',
      help: 'Calls refused because a loader or a validator failed, was late or answered wrongly, or no id was found.',
      labels: ['kind'],
    });
  }

  /** @throws what `toError` makes of the refusal, unless refusals are only reported. */
  apply(call: Call, decision: Decision, toError: (options: ErrorOptions) => Error): void {
    if (decision.allowed) return;
    const { rule, reason, cause } = decision;
    if (this.context.section.mode === 'enforce') {
      throw toError({ cause: new DenialReason(rule, reason, cause === undefined ? undefined : { cause }) });
    }
    this.#wouldRefuse.bind({ rule }).add(1);
    this.notes.add(call, { kind: 'would_refuse', rule, reason });
    this.#logOnce(call, rule, reason);
  }

  /** Counts a fault of a loader, a validator or a function that finds an id. */
  count(kind: PermissionFault): void {
    this.#faults.bind({ kind }).add(1);
  }

  #logOnce({ id: callId, kind, target, principal }: Call, rule: string, reason: string): void {
    const rules = this.#logged.get(target) ?? new Set();
    if (rules.has(rule)) return;
    this.#logged.set(target, rules.add(rule));
    const fields = { callId, kind, target: target.name, principal: principal?.id, rule, reason };
    this.#logger.warn({ msg: 'a call would be refused; this is said once for each rule and target', ...fields });
  }
}

import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SelfTests } from '../core/index.js';
import { clocks } from './checks/clock.check.js';
import { ClockReadings } from './clock-readings.js';
import type { ConfiguredFamily, StartDepth } from './doctor-check.js';
import { DoctorSettings } from './doctor-settings.js';
import { doctorSubject, type DoctorSubject } from './doctor-subject.js';
import { examine } from './examine.js';
import type { Severity } from './finding.js';
import { CONFIGURED, HOST } from './families.js';
import { reportOf, type CheckOutcome } from './report.js';
import { selfTestsOf } from './self-test-sources.js';

/** What each value of `monitoring.startChecks` has, beginning with what asks nobody. */
const DEPTHS: readonly StartDepth[] = ['local', 'network', 'all'];

/**
 * Makes the checks of `rookery doctor` once, in the background, when the application starts, as deep as
 * `monitoring.startChecks` says. What is not well is one line of the log each, with what to do; another line says how
 * every check ended. The start does not wait for them, and the end waits for none that asks over a network.
 */
@Injectable()
export class StartChecks implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('Doctor');
  readonly #stop = new AbortController();
  #local: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly settings: DoctorSettings,
    private readonly selfTests: SelfTests,
  ) {}

  onApplicationBootstrap(): void {
    const { config, serves } = this.settings;
    const { startChecks } = config.monitoring;
    if (!serves || startChecks === 'off') return;
    if (startChecks === 'all')
      selfTestsOf(config)
        .all()
        .forEach((test) => this.selfTests.add(test));
    void this.#look(DEPTHS.slice(0, DEPTHS.indexOf(startChecks) + 1));
  }

  async onModuleDestroy(): Promise<void> {
    this.#stop.abort();
    // They may be about to remove a file that they made.
    await this.#local;
  }

  /** Never rejects, as no check does. Each depth is told when it is done: what is local does not wait for a network. */
  async #look(depths: readonly StartDepth[]): Promise<void> {
    const subject = this.#subject();
    const looking = depths.map(async (depth) => await this.#examined(depth, subject));
    this.#local = Promise.all(looking.slice(0, 1));
    const outcomes = (await Promise.all(looking)).flat();
    if (depths.includes('network')) outcomes.push(...(await this.#told([clocks], subject)));
    if (this.#stop.signal.aborted) return;
    const { counts } = reportOf(outcomes);
    const named = (wanted: Severity): readonly string[] =>
      outcomes.filter(({ status }) => status === wanted).map(({ name }) => name);
    // Names are not keys here: the log would take `secret_files` for a secret's.
    const checks = { ok: named('ok'), warn: named('warn'), fail: named('fail'), skipped: named('skipped') };
    this.#logger.log({ msg: 'the doctor has looked at what the server needs', ...counts, checks });
  }

  #subject(): DoctorSubject {
    const { selfTests } = this;
    const { config, sections, source } = this.settings;
    return doctorSubject({ config, sections, source, selfTests, clocks: new ClockReadings() });
  }

  async #examined(depth: StartDepth, subject: DoctorSubject): Promise<readonly CheckOutcome[]> {
    return await this.#told(
      [...CONFIGURED, ...HOST].filter(({ atStart }) => atStart === depth),
      subject,
    );
  }

  async #told(families: readonly ConfiguredFamily[], subject: DoctorSubject): Promise<readonly CheckOutcome[]> {
    const { signal } = this.#stop;
    const outcomes = await examine<DoctorSubject>(families, subject, { secrets: subject.secrets, signal });
    // What was broken off says nothing about who was asked.
    if (!signal.aborted) outcomes.forEach((outcome) => this.#log(outcome));
    return outcomes;
  }

  #log({ name: check, findings }: CheckOutcome): void {
    for (const finding of findings) {
      if (!('remedy' in finding)) continue;
      const { severity, message: reason, remedy } = finding;
      const line = { msg: 'a check of the doctor is not well', check, reason, remedy };
      if (severity === 'fail') this.#logger.error(line);
      else this.#logger.warn(line);
    }
  }
}

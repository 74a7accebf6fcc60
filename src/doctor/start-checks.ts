import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { SelfTests } from '../core/index.js';
import { DoctorSettings } from './doctor-settings.js';
import { examine } from './examine.js';
import { CONFIGURED, HOST } from './families.js';
import { doctorSubject, type DoctorSubject } from './doctor-subject.js';
import { ClockReadings } from './clock-readings.js';
import type { CheckOutcome } from './report.js';

/**
 * Makes the cheap and local checks of `rookery doctor` when the application starts, and logs what is not well, once,
 * with what to do. The start does not wait for them; they ask nobody over a network.
 */
@Injectable()
export class StartChecks implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('Doctor');
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: DoctorSettings,
    private readonly selfTests: SelfTests,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.serves) this.#running = this.#look();
  }

  async onModuleDestroy(): Promise<void> {
    await this.#running;
  }

  async #look(): Promise<void> {
    const { selfTests } = this;
    const { config, sections, source } = this.settings;
    const subject = doctorSubject({ config, sections, source, selfTests, clocks: new ClockReadings() });
    const families = [...CONFIGURED, ...HOST].filter(({ atStart }) => atStart);
    for (const outcome of await examine<DoctorSubject>(families, subject, { secrets: subject.secrets })) {
      this.#log(outcome);
    }
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

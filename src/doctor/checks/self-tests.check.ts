import { redactText, type SelfTest } from '../../core/index.js';
import type { ConfiguredFamily, DoctorCheck } from '../doctor-check.js';
import { fail, ok, warn, type Finding } from '../finding.js';

const DEFAULT_MS = 10_000;
const REMEDY = 'Do not use it until this passes; docs/guide/doctor.md says where to look.';

/** What this server shows about itself by trying: its sandboxes. */
export const selfTests: ConfiguredFamily = {
  name: 'self_test',
  group: 'self-tests',
  atStart: 'all',
  absent: 'No module has a self-test.',
  checks: (subject) => subject.selfTests.all().map(asCheck),
};

function asCheck(test: SelfTest): DoctorCheck {
  return {
    name: `self_test:${test.name}`,
    timeoutMs: test.timeoutMs ?? DEFAULT_MS,
    run: async (signal) => [await tried(test, signal)],
  };
}

async function tried(test: SelfTest, signal: AbortSignal): Promise<Finding> {
  try {
    const { outcome, message, remedy = REMEDY } = await test.run(signal);
    if (outcome === 'passed') return ok(message);
    return outcome === 'unavailable' ? warn(message, remedy) : fail(message, remedy);
  } catch (error) {
    return fail(redactText(error instanceof Error ? error.message : String(error)), REMEDY);
  }
}

import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { DoctorReport } from '../../../src/doctor/index.js';

const CLI = resolve(import.meta.dirname, '../../../dist/cli/main.js');

/** Sandboxes take seconds to try: only who looks at them has them. */
const NO_CODE = 'nodes: { code: { python: { runners: [] }, javascript: { enabled: false } } }';

/** What a run of the command came to. */
export interface DoctorRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The same with `--json`, read. */
export interface Examined extends DoctorRun {
  readonly report: DoctorReport;
  /** Status and first message of a check. */
  readonly of: (check: string) => readonly [status: string | undefined, message: string | undefined];
}

/** A folder with a configuration, and `rookery doctor` in it. */
export class DoctorHome {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'rookery-doctor-'));

  constructor() {
    mkdirSync(join(this.folder, 'config'));
  }

  /** Writes `config/default.yaml`; code is switched off where it says nothing of nodes. */
  configure(text: string, mode = 0o600): void {
    const file = join(this.folder, 'config', 'default.yaml');
    writeFileSync(file, /^nodes:/m.test(text) ? text : `${text}\n${NO_CODE}\n`);
    chmodSync(file, mode);
  }

  /** The built command line, in a process of its own. */
  run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<DoctorRun> {
    const { PATH = '', HOME = '' } = process.env;
    return new Promise((done) => {
      execFile(
        process.execPath,
        [CLI, 'doctor', ...argv],
        { cwd: this.folder, env: { PATH, HOME, ...env } },
        (error, stdout, stderr) =>
          done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr }),
      );
    });
  }

  async examined(argv: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Examined> {
    const run = await this.run([...argv, '--json'], env);
    const report = JSON.parse(run.stdout) as DoctorReport;
    const of = (name: string) => {
      const check = report.checks.find((each) => each.name === name);
      return [check?.status, check?.findings[0]?.message] as const;
    };
    return { ...run, report, of };
  }

  /** Every file in it, with what is in it. */
  files(): Readonly<Record<string, string>> {
    const entries = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    return Object.fromEntries(paths.toSorted().map((path) => [path, readFileSync(path).toString('base64')]));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Keeps Debian's packages from starting what they install. */
const POLICY = '/usr/sbin/policy-rc.d';
const LOCK = join(tmpdir(), 'rookery-test-servers.lock');
const INSTALL_MS = 240_000;

/**
 * Finds a program of the system, or installs its Debian package when this is root on Debian.
 *
 * Processes that want it at once install it once. Progress goes to stderr.
 *
 * @throws Error with the command to run by hand.
 */
export async function findOrInstall(debianPackage: string, find: () => string | undefined): Promise<string> {
  const found = find();
  if (found !== undefined) return found;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${debianPackage}`;
  const advice = `These tests run against a real ${debianPackage}, which was not found. Run: ${command}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(advice);
  await alone(async () => {
    if (find() === undefined) await install(debianPackage, advice);
  });
  const installed = find();
  if (installed === undefined) throw new Error(advice);
  return installed;
}

async function install(debianPackage: string, advice: string): Promise<void> {
  process.stderr.write(`[test servers] installing ${debianPackage}\n`);
  const quiet = !existsSync(POLICY);
  if (quiet) await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await aptGet(['update'], advice);
    await aptGet(['install', '-y', '--no-install-recommends', debianPackage], advice);
  } finally {
    if (quiet) await rm(POLICY, { force: true });
  }
}

async function aptGet(command: readonly string[], advice: string): Promise<void> {
  const child = spawn('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...command], {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    signal: AbortSignal.timeout(INSTALL_MS),
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${advice}\n(apt-get ${command.join(' ')} ended with ${code ?? 'a signal'})`);
}

/** Runs it while no other process does; a lock whose owner is gone counts for nothing. */
async function alone(work: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + 2 * INSTALL_MS;
  while (!(await takeLock())) {
    if (Date.now() > deadline) throw new Error(`Another process installs for too long: see ${LOCK}`);
    await sleep(250);
  }
  try {
    await work();
  } finally {
    await rm(LOCK, { recursive: true, force: true });
  }
}

async function takeLock(): Promise<boolean> {
  const owner = join(LOCK, 'owner');
  try {
    await mkdir(LOCK);
    await writeFile(owner, String(process.pid));
    return true;
  } catch {
    const pid = Number(await readFile(owner, 'utf8').catch(() => ''));
    if (pid > 0 && !isAlive(pid)) await rm(LOCK, { recursive: true, force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

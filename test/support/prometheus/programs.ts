import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findOrInstall } from '../servers/install.js';

/** The program `prometheus`. @throws Error with the command that installs it */
export async function prometheus(): Promise<string> {
  return await program('prometheus', 'prometheus');
}

/** The program `promtool`, of Debian's `prometheus`. @throws Error with the command that installs it */
export async function promtool(): Promise<string> {
  return await program('prometheus', 'promtool');
}

/** The program `prometheus-alertmanager`, which is `alertmanager` elsewhere. @throws Error with the command that installs it */
export async function alertmanager(): Promise<string> {
  return await program('prometheus-alertmanager', 'prometheus-alertmanager', 'alertmanager');
}

/** The program `amtool`, of Debian's `prometheus-alertmanager`. @throws Error with the command that installs it */
export async function amtool(): Promise<string> {
  return await program('prometheus-alertmanager', 'amtool');
}

async function program(debianPackage: string, ...names: readonly string[]): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return await findOrInstall(debianPackage, () =>
    names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path)),
  );
}

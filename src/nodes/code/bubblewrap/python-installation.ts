import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A Python of this machine, and what of the file system it needs. */
export interface PythonInstallation {
  /** Its real path. */
  readonly executable: string;
  readonly version: string;
  /** Folders and files to be shown in a sandbox, read-only. */
  readonly paths: readonly string[];
}

const PROBE = `
import json, os, sys, sysconfig
paths = [p for p in sys.path if os.path.exists(p)]
library = os.path.join(sysconfig.get_config_var('LIBDIR') or '', sysconfig.get_config_var('INSTSONAME') or '')
print(json.dumps({'executable': os.path.realpath(sys.executable), 'version': sys.version.split()[0], 'paths': paths + ([library] if os.path.isfile(library) else [])}))
`;

/**
 * Asks a Python where its standard library and its packages are. Only these are shown to foreign code: an application
 * may well live below /usr (images like /usr/src/app).
 *
 * @throws Error when there is no such Python
 */
export async function findPython(executable: string): Promise<PythonInstallation> {
  const { stdout } = await promisify(execFile)(executable, ['-I', '-c', PROBE], { env: {}, timeout: 20_000 });
  return JSON.parse(stdout) as PythonInstallation;
}

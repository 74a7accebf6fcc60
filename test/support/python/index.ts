import { existsSync } from 'node:fs';
import { findOrInstall } from '../servers/install.js';

/** Everything that the runner bwrap-python wants: bubblewrap, and pandas, NumPy and SciPy for the Python of Debian. */
export async function pythonWithPandas(): Promise<void> {
  await findOrInstall('bubblewrap', () => found('/usr/bin/bwrap'));
  for (const name of ['numpy', 'scipy', 'pandas']) {
    await findOrInstall(`python3-${name}`, () => found(`/usr/lib/python3/dist-packages/${name}`));
  }
}

function found(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}

/**
 * Writes the tables of all keys into docs/guide/configuration.md, as the built command line prints them; with `--check`
 * it changes nothing and ends with 1 when the page says something else.
 */
import { spawnSync } from 'node:child_process';

const command = ['dist/cli/main.js', 'config', 'reference', '--into', 'docs/guide/configuration.md'];
const { status } = spawnSync(process.execPath, [...command, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = status ?? 1;

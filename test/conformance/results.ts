import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const checks = z.array(
  z.object({
    id: z.string(),
    status: z.string(),
    description: z.string().optional(),
    errorMessage: z.string().optional(),
  }),
);

/** One check of a scenario, as the suite reports it. */
export type Check = z.output<typeof checks>[number];

/** The checks of each scenario that ran, by its name. */
export type Results = ReadonlyMap<string, readonly Check[]>;

/** Reads what a suite wrote below `folder`: `server-<scenario>-<time>/checks.json` of each scenario. */
export function readResults(folder: string): Results {
  const results = new Map<string, readonly Check[]>();
  for (const entry of existsSync(folder) ? readdirSync(folder) : []) {
    const [, scenario] = /^server-(.+)-\d{4}-\d{2}-\d{2}T[\d-]+Z$/.exec(entry) ?? [];
    const file = join(folder, entry, 'checks.json');
    if (scenario === undefined || !existsSync(file)) continue;
    results.set(scenario, checks.parse(JSON.parse(readFileSync(file, 'utf8'))));
  }
  return results;
}

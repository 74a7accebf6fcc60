import { z } from 'zod';

/** The section `nodeTools` of the configuration. */
export const nodeToolsOptions = z.strictObject({
  set: z
    .enum(['none', 'guide', 'production'])
    .default('none')
    .describe(
      'Which nodes are served as tools: `guide` (read_csv_file, execute_python_code, ai_assistant, for everybody who may ' +
        'call tools), `production` (read_csv, execute_python, ai_assistant, each with permissions), or none.',
    ),
});

/** See {@link nodeToolsOptions}. */
export type NodeToolsOptions = z.output<typeof nodeToolsOptions>;

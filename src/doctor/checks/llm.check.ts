import { redactText } from '../../core/index.js';
import { LlmProviders, type LlmProvider } from '../../nodes/index.js';
import { NETWORK_MS, type ConfiguredFamily } from '../doctor-check.js';
import type { DoctorConfig } from '../doctor-subject.js';
import { fail, ok, type Finding } from '../finding.js';

/** Less than what the check gets, so that its own words are heard. */
const PATIENCE_MS = 3_000;

/**
 * Whether the providers of language models can be reached and take the configured credential: each as `llm:<name>`. They
 * are asked for their models or their version, which costs nothing.
 */
export const languageModels: ConfiguredFamily = {
  name: 'llm',
  group: 'back ends',
  atStart: 'network',
  absent: 'No provider of language models is configured.',
  checks: ({ config: { nodes } }) =>
    Object.keys(nodes.ai.providers).map((name) => ({
      name: `llm:${name}`,
      timeoutMs: NETWORK_MS,
      run: async (signal) => [await ask(name, nodes.ai, signal)],
    })),
};

async function ask(name: string, ai: DoctorConfig['nodes']['ai'], signal: AbortSignal): Promise<Finding> {
  const entry = ai.providers[name];
  if (entry === undefined) throw new Error(`There is no provider "${name}".`);
  const { host } = new URL(entry.baseUrl);
  const hurried = { ...entry, timeoutMs: PATIENCE_MS, retries: 0 };
  let provider: LlmProvider;
  try {
    provider = new LlmProviders({ ...ai, providers: { [name]: hurried } }).get(name);
  } catch (error) {
    // Ours, and names files: redacting would take their paths for secrets.
    return fail(oneLine((error as Error).message), 'Correct it: the server does not start with it.');
  }
  try {
    await provider.check(signal);
    return ok(`The provider "${name}" at ${host} answers.`);
  } catch (error) {
    const remedy = `Start it, let this machine reach ${host}, or correct nodes.ai.providers.${name}. The server starts without it; what asks its models fails.`;
    return fail(oneLine(redactText(error instanceof Error ? error.message : String(error))), remedy);
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

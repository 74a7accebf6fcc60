import { closest } from '../../core/index.js';
import type { ResolvedModel } from './llm-providers.js';
import { LlmProviderError } from './provider-error.js';

/** Of a model that its provider does not have, the nearest that it has; any other error as it is. */
export async function suggestModel(
  error: unknown,
  { provider, model }: ResolvedModel,
  signal: AbortSignal,
): Promise<unknown> {
  if (!(error instanceof LlmProviderError) || !error.modelMissing) return error;
  let models: readonly string[];
  try {
    models = await provider.models(signal);
  } catch {
    // The error that there is says enough.
    return error;
  }
  const near = closest(model, models);
  if (near === undefined) return error;
  return new LlmProviderError(provider.name, `${error.message} Did you mean "${provider.name}:${near}"?`, {
    verdict: error.verdict,
    status: error.status,
    modelMissing: true,
    cause: error.cause,
  });
}

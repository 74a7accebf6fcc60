import { RookeryError, type ErrorDetails, type FailureCode } from '../../core/index.js';

/**
 * What a failure says about its provider: a `fault` is its own and counts for its breaker, `answered` shows that it
 * works, `neither` says nothing.
 */
export type ProviderVerdict = 'fault' | 'answered' | 'neither';

/** What is known of a provider's failure. */
export interface ProviderErrorInit {
  readonly code?: FailureCode | undefined;
  readonly verdict?: ProviderVerdict | undefined;
  /** HTTP status, where there was one. */
  readonly status?: number | undefined;
  readonly modelMissing?: boolean | undefined;
  readonly details?: ErrorDetails | undefined;
  readonly cause?: unknown;
}

/** A provider of language models failed, or refused; the message names the provider as the configuration does. */
export class LlmProviderError extends RookeryError {
  readonly verdict: ProviderVerdict;
  readonly status: number | undefined;
  /** Whether what is wrong is that the provider has no such model. */
  readonly modelMissing: boolean;

  constructor(
    /** The name in the configuration. */
    readonly provider: string,
    message: string,
    { code = 'tool_error', verdict = 'fault', status, modelMissing = false, details, cause }: ProviderErrorInit = {},
  ) {
    super(code, message, { provider, ...details }, cause === undefined ? undefined : { cause });
    this.verdict = verdict;
    this.status = status;
    this.modelMissing = modelMissing;
  }
}

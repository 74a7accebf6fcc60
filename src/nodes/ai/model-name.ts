import { ToolError } from '../../core/index.js';

/** A model and who runs it. */
export interface ModelName {
  readonly provider: string;
  readonly model: string;
}

const LONGEST = 256;

/**
 * Splits `ollama:llama3.2:3b` at the first colon: what follows is the provider's own business, colons included.
 *
 * @throws ToolError when there is no colon, or nothing on one of its sides
 */
export function parseModelName(text: string): ModelName {
  const colon = text.indexOf(':');
  const name = { provider: text.slice(0, Math.max(0, colon)), model: text.slice(colon + 1) };
  if (text.length > LONGEST || name.provider === '' || name.model.trim() === '') {
    const shown = text.length > 64 ? `${text.slice(0, 64)}…` : text;
    throw new ToolError(
      `"${shown}" is no model: write it as provider:name, as in ollama:llama3.2:3b, at most ${LONGEST} characters.`,
    );
  }
  return name;
}

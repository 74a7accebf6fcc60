import { isObject } from '../../../core/index.js';
import type { ToolCall } from '../chat.js';

/** A tool call whose arguments came as JSON text; text that is no object is told to the model instead of run. */
export function jsonToolCall(id: string, name: string, json: string): ToolCall {
  try {
    const input: unknown = json.trim() === '' ? {} : JSON.parse(json);
    if (isObject(input)) return { id, name, input };
  } catch {
    // Told below.
  }
  return { id, name, input: {}, malformed: 'the arguments must be one JSON object' };
}

interface Part {
  id: string;
  name: string;
  json: string;
}

/** More parallel calls than this no model asks for. */
const MAX_CALLS = 128;

/** Puts tool calls together that come in pieces, by their index. */
export class CallParts {
  readonly #parts = new Map<number, Part>();

  add(index: number, piece: { [K in keyof Part]?: string | undefined }): void {
    let part = this.#parts.get(index);
    if (part === undefined) {
      if (this.#parts.size >= MAX_CALLS) throw new Error(`the answer asks for more than ${MAX_CALLS} tools at once`);
      this.#parts.set(index, (part = { id: '', name: '', json: '' }));
    }
    part.id ||= piece.id ?? '';
    part.name ||= piece.name ?? '';
    part.json += piece.json ?? '';
  }

  /** In the order of their indexes. */
  calls(): readonly ToolCall[] {
    return [...this.#parts]
      .toSorted(([a], [b]) => a - b)
      .map(([index, { id, name, json }]) => jsonToolCall(id === '' ? `call_${index}` : id, name, json));
  }
}

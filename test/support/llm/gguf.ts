/** Values of a GGUF file's metadata, by the types that a small model needs. */
type GgufValue =
  | { readonly u32: number }
  | { readonly f32: number }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly f32s: readonly number[] }
  | { readonly i32s: readonly number[] };

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

const [U32, I32, F32, TEXT, ARRAY] = [4, 5, 6, 8, 9];
const ALIGNMENT = 32;

/** The size of the model: half a megabyte in all. */
const LAYERS = 2;
const WIDTH = 64;
const HIDDEN = 128;
const HEADS = 4;
const CONTEXT = 2048;

const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const BYTE = 6;
const LETTERS = ['▁', ...Array.from('abcdefghijklmnopqrstuvwxyz')];

/**
 * A language model of the llama architecture with random weights, as a GGUF file (version 3): what it writes means
 * nothing, and everything else about it is real. The same seed gives the same bytes.
 *
 * @see https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
export function randomModel(seed = 1): Buffer {
  const tokens = ['<unk>', '<s>', '</s>', ...bytes(), ...LETTERS];
  const types = tokens.map((_, index) => {
    if (index === 0) return UNKNOWN;
    if (index < 3) return CONTROL;
    return index < 259 ? BYTE : NORMAL;
  });
  const metadata: Readonly<Record<string, GgufValue>> = {
    'general.architecture': { text: 'llama' },
    'general.name': { text: 'rookery-random' },
    'llama.context_length': { u32: CONTEXT },
    'llama.embedding_length': { u32: WIDTH },
    'llama.block_count': { u32: LAYERS },
    'llama.feed_forward_length': { u32: HIDDEN },
    'llama.attention.head_count': { u32: HEADS },
    'llama.attention.head_count_kv': { u32: HEADS },
    'llama.attention.layer_norm_rms_epsilon': { f32: 1e-5 },
    'llama.rope.dimension_count': { u32: WIDTH / HEADS },
    'llama.vocab_size': { u32: tokens.length },
    'tokenizer.ggml.model': { text: 'llama' },
    'tokenizer.ggml.tokens': { texts: tokens },
    'tokenizer.ggml.scores': { f32s: tokens.map((_, index) => -index) },
    'tokenizer.ggml.token_type': { i32s: types },
    'tokenizer.ggml.bos_token_id': { u32: 1 },
    'tokenizer.ggml.eos_token_id': { u32: 2 },
    'tokenizer.ggml.unknown_token_id': { u32: 0 },
  };
  return ggufFile(metadata, tensorsOf(tokens.length, random(seed)));
}

function bytes(): readonly string[] {
  return Array.from({ length: 256 }, (_, value) => `<0x${value.toString(16).toUpperCase().padStart(2, '0')}>`);
}

function tensorsOf(vocabulary: number, next: () => number): readonly Tensor[] {
  const matrix = (name: string, columns: number, rows: number): Tensor => ({
    name,
    shape: [columns, rows],
    data: Float32Array.from({ length: columns * rows }, () => (next() - 0.5) * 0.4),
  });
  const ones = (name: string): Tensor => ({ name, shape: [WIDTH], data: new Float32Array(WIDTH).fill(1) });
  const layers = Array.from({ length: LAYERS }, (_, layer) => [
    ones(`blk.${layer}.attn_norm.weight`),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => matrix(`blk.${layer}.${name}.weight`, WIDTH, WIDTH)),
    ones(`blk.${layer}.ffn_norm.weight`),
    matrix(`blk.${layer}.ffn_gate.weight`, WIDTH, HIDDEN),
    matrix(`blk.${layer}.ffn_up.weight`, WIDTH, HIDDEN),
    matrix(`blk.${layer}.ffn_down.weight`, HIDDEN, WIDTH),
  ]);
  return [
    matrix('token_embd.weight', WIDTH, vocabulary),
    ...layers.flat(),
    ones('output_norm.weight'),
    matrix('output.weight', WIDTH, vocabulary),
  ];
}

function ggufFile(metadata: Readonly<Record<string, GgufValue>>, tensors: readonly Tensor[]): Buffer {
  let offset = 0;
  const infos = tensors.map(({ name, shape, data }) => {
    const info = [text(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset)];
    offset = aligned(offset + data.byteLength);
    return Buffer.concat(info);
  });
  const head = Buffer.concat([
    Buffer.from('GGUF'),
    u32(3),
    u64(tensors.length),
    u64(Object.keys(metadata).length),
    ...Object.entries(metadata).flatMap(([key, value]) => [text(key), valueOf(value)]),
    ...infos,
  ]);
  const data = tensors.map((tensor) => padded(Buffer.from(tensor.data.buffer)));
  return Buffer.concat([padded(head), ...data]);
}

function valueOf(value: GgufValue): Buffer {
  if ('u32' in value) return Buffer.concat([u32(U32), u32(value.u32)]);
  if ('f32' in value) return Buffer.concat([u32(F32), f32(value.f32)]);
  if ('text' in value) return Buffer.concat([u32(TEXT), text(value.text)]);
  if ('texts' in value) return list(TEXT, value.texts.map(text));
  if ('f32s' in value) return list(F32, value.f32s.map(f32));
  return list(I32, value.i32s.map(u32));
}

function list(type: number | undefined, items: readonly Buffer[]): Buffer {
  return Buffer.concat([u32(ARRAY), u32(type), u64(items.length), ...items]);
}

function text(value: string): Buffer {
  const encoded = Buffer.from(value);
  return Buffer.concat([u64(encoded.byteLength), encoded]);
}

function u32(value = 0): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}

function u64(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return buffer;
}

function f32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeFloatLE(value);
  return buffer;
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}

function padded(buffer: Buffer): Buffer {
  return Buffer.concat([buffer, Buffer.alloc(aligned(buffer.byteLength) - buffer.byteLength)]);
}

/** Mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * One instruction of classic BPF, in the words that the kernel's documentation uses
 * (Documentation/networking/filter.rst, "BPF kernel internals").
 */
export interface BpfInstruction {
  readonly code: number;
  readonly jumpTrue: number;
  readonly jumpFalse: number;
  readonly operand: number;
}

const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const AND = 0x54;
const RETURN = 0x06;

const instruction = (code: number, operand: number, jumpTrue = 0, jumpFalse = 0): BpfInstruction => ({
  code,
  jumpTrue,
  jumpFalse,
  operand,
});

/** Loads 32 bits of `struct seccomp_data`. */
export const load = (offset: number): BpfInstruction => instruction(LOAD_WORD, offset);
/** Keeps the bits of the mask. */
export const and = (mask: number): BpfInstruction => instruction(AND, mask);
/** Ends with a verdict. */
export const verdict = (value: number): BpfInstruction => instruction(RETURN, value);

/** What to do when the loaded value equals this one; at most 255 instructions. */
export function whenEqual(value: number, body: readonly BpfInstruction[]): readonly BpfInstruction[] {
  return [instruction(JUMP_EQUAL, value, 0, body.length), ...body];
}

/** What to do when the loaded value is another than this one; at most 255 instructions. */
export function unlessEqual(value: number, body: readonly BpfInstruction[]): readonly BpfInstruction[] {
  return [instruction(JUMP_EQUAL, value, body.length, 0), ...body];
}

/** What to do when the loaded value, unsigned, is at least this one; at most 255 instructions. */
export function whenAtLeast(value: number, body: readonly BpfInstruction[]): readonly BpfInstruction[] {
  return [instruction(JUMP_AT_LEAST, value, 0, body.length), ...body];
}

/** The program as `struct sock_filter[]`, little-endian as both supported architectures are. */
export function assemble(program: readonly BpfInstruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, jumpTrue, jumpFalse, operand }] of program.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jumpTrue, index * 8 + 2);
    bytes.writeUInt8(jumpFalse, index * 8 + 3);
    bytes.writeUInt32LE(operand >>> 0, index * 8 + 4);
  }
  return bytes;
}

import { describe, expect, it } from 'vitest';
import { seccompFilter } from './seccomp-filter.js';
import { systemCallsOf } from './system-calls.js';

const ALLOWED = 0x7fff0000;
const REFUSED = 0x00050001;
const UNKNOWN = 0x00050026;
const KILLED = 0x80000000;

/** What the kernel would say: classic BPF has few instructions. */
function verdictOf(filter: Buffer, audit: number, call: number, args: readonly number[] = []): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call >>> 0, 0);
  data.writeUInt32LE(audit >>> 0, 4);
  for (const [index, value] of args.entries()) data.writeUInt32LE(value >>> 0, 16 + index * 8);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const code = filter.readUInt16LE(at * 8);
    const operand = filter.readUInt32LE(at * 8 + 4);
    const jump = (taken: boolean): void => void (at += filter.readUInt8(at * 8 + (taken ? 2 : 3)));
    if (code === 0x20) accumulator = data.readUInt32LE(operand);
    else if (code === 0x54) accumulator = (accumulator & operand) >>> 0;
    else if (code === 0x15) jump(accumulator === operand);
    else if (code === 0x35) jump(accumulator >= operand);
    else if (code === 0x06) return operand;
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error('the program has no end');
}

describe.each(['x64', 'arm64'])('the filter for %s', (architecture) => {
  const calls = systemCallsOf(architecture);
  const filter = seccompFilter(architecture);
  if (calls === undefined || filter === undefined) throw new Error(`no table for ${architecture}`);
  const judge = (call: number, args?: readonly number[]): number => verdictOf(filter, calls.audit, call, args);
  const { judged, plain } = calls;

  it('[N3] lets through what is on the list, and nothing else', () => {
    const known = new Set([...Object.values(plain), ...Object.values(judged)]);
    for (let call = 0; call < 600; call++) {
      if (known.has(call)) continue;
      expect(judge(call)).toBe(REFUSED);
    }
    for (const call of Object.values(plain)) expect(judge(call)).toBe(ALLOWED);
  });

  it('[N3] kills what calls in the way of another architecture', () => {
    expect(verdictOf(filter, 0x40000003, plain['read'] ?? -1)).toBe(KILLED);
    if (calls.foreignFrom !== undefined) expect(judge(calls.foreignFrom + 1)).toBe(KILLED);
  });

  it('[N3] lets threads be made, not processes', () => {
    expect(judge(judged.clone, [0x3d0f00])).toBe(ALLOWED);
    expect(judge(judged.clone, [17])).toBe(REFUSED);
    expect(judge(judged.clone, [0x10000000])).toBe(REFUSED);
    expect(judge(judged.clone3)).toBe(UNKNOWN);
  });

  it('[N3] refuses memory that limits do not count', () => {
    expect(judge(judged.mmap, [0, 4096, 3, 0x22])).toBe(ALLOWED);
    expect(judge(judged.mmap, [0, 4096, 1, 0x01])).toBe(ALLOWED);
    expect(judge(judged.mmap, [0, 4096, 3, 0x21])).toBe(REFUSED);
    expect(judge(judged.mmap, [0, 4096, 3, 0x23])).toBe(REFUSED);
    expect(judge(judged.mmap, [0, 4096, 3, 0x122])).toBe(REFUSED);
  });

  it('[N3] makes pairs of AF_UNIX only, and asks terminals nothing but their size', () => {
    expect(judge(judged.socketpair, [1, 1, 0])).toBe(ALLOWED);
    expect(judge(judged.socketpair, [2, 1, 0])).toBe(REFUSED);
    expect(judge(judged.ioctl, [0, 0x5413])).toBe(ALLOWED);
    expect(judge(judged.ioctl, [0, 0x5412])).toBe(REFUSED);
    expect(judge(judged.prctl, [15])).toBe(ALLOWED);
    expect(judge(judged.prctl, [22])).toBe(REFUSED);
  });
});

describe('seccompFilter', () => {
  it('[N3] has none for an architecture without a table', () => {
    expect(seccompFilter('riscv64')).toBeUndefined();
  });
});

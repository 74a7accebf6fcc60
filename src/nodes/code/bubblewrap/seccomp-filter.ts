import { and, assemble, load, unlessEqual, verdict, whenAtLeast, whenEqual, type BpfInstruction } from './bpf.js';
import { systemCallsOf } from './system-calls.js';

/** Fields of `struct seccomp_data` (linux/seccomp.h). */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number): number => 16 + index * 8;

/** Verdicts of linux/seccomp.h. */
const ALLOW = verdict(0x7fff0000);
const KILL = verdict(0x80000000);
const refusal = (errno: number): BpfInstruction => verdict(0x00050000 | errno);
const NOT_PERMITTED = refusal(1);
/** What an old kernel says: the C library then tries the older call, whose flags can be seen. */
const NOT_IMPLEMENTED = refusal(38);

const CLONE_THREAD = 0x10000;
const MAP_SHARED_ANONYMOUS = 0x21;
const MAP_GROWSDOWN = 0x100;
const AF_UNIX = 1;
/** TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX: what Python asks of the files it opens. */
const IOCTLS = [0x5401, 0x5413, 0x541b, 0x5421, 0x5451];
/** PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: the names of threads and mappings. */
const PRCTLS = [15, 16, 0x53564d41];

const oneOf = (index: number, values: readonly number[]): readonly BpfInstruction[] => [
  load(argument(index)),
  ...values.flatMap((value) => whenEqual(value, [ALLOW])),
  NOT_PERMITTED,
];

/**
 * The seccomp filter for Python: what is not on the list fails with EPERM, and another architecture's calls kill.
 *
 * - New threads are let through, new processes are not: RLIMIT_NPROC does not bind root.
 * - Shared anonymous memory and mappings that grow down are refused, as RLIMIT_DATA does not count them.
 * - Of sockets there are only pairs of AF_UNIX, which event loops need.
 *
 * Returns undefined for an architecture without a table.
 */
export function seccompFilter(architecture: string): Buffer | undefined {
  const calls = systemCallsOf(architecture);
  if (calls === undefined) return undefined;
  const { judged, plain } = calls;
  return assemble([
    load(ARCHITECTURE),
    ...unlessEqual(calls.audit, [KILL]),
    load(NUMBER),
    ...(calls.foreignFrom === undefined ? [] : whenAtLeast(calls.foreignFrom, [KILL])),
    ...whenEqual(judged.mmap, [
      load(argument(3)),
      and(MAP_SHARED_ANONYMOUS),
      ...whenEqual(MAP_SHARED_ANONYMOUS, [NOT_PERMITTED]),
      load(argument(3)),
      and(MAP_GROWSDOWN),
      ...whenEqual(MAP_GROWSDOWN, [NOT_PERMITTED]),
      ALLOW,
    ]),
    ...whenEqual(judged.clone, [
      load(argument(0)),
      and(CLONE_THREAD),
      ...whenEqual(CLONE_THREAD, [ALLOW]),
      NOT_PERMITTED,
    ]),
    ...whenEqual(judged.clone3, [NOT_IMPLEMENTED]),
    ...whenEqual(judged.ioctl, oneOf(1, IOCTLS)),
    ...whenEqual(judged.prctl, oneOf(0, PRCTLS)),
    ...whenEqual(judged.socketpair, oneOf(0, [AF_UNIX])),
    ...Object.values(plain).flatMap((number) => whenEqual(number, [ALLOW])),
    NOT_PERMITTED,
  ]);
}

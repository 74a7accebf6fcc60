import { Writable } from 'node:stream';

/**
 * Takes stdout for the protocol alone: what anything else in the process prints from now on goes to stderr, so that a
 * stray `console.log` can't break the stream (S/basic/transports/stdio: nothing else on stdout).
 */
export function reserveStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return new Writable({ write: (chunk: Buffer, _encoding, done) => void write(chunk, done) });
}

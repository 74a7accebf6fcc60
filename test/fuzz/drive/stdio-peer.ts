import { isUtf8 } from 'node:buffer';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import type { StdioTransport } from '../../../src/index.js';
import type { AnswerRecipe } from '../generate/answers.js';
import { spelled } from '../generate/json.js';
import type { Line, Manners } from '../generate/lines.js';
import { assemble } from './assemble.js';
import { Channel } from './channel.js';

const NEWLINE = 0x0a;
/** How long the server may take to end a pipe. */
const DEADLINE_MS = 5_000;
/** How many times as deep deep values are: this client writes text, so nothing of its own recurses. */
const DEEPER = 5;

/** The client's end of a pipe. */
export class StdioPeer {
  readonly channel: Channel;
  /** Resolves when the server has let go of the pipe. */
  readonly served: Promise<void>;
  readonly #input = new PassThrough();
  #outgoing = Buffer.alloc(0);
  #incoming = Buffer.alloc(0);
  #piece = 0;
  #end: Line['end'] = '\n';

  constructor(
    stdio: StdioTransport,
    private readonly manners: Manners,
    answers: readonly AnswerRecipe[],
    private readonly maxMessageSize: number,
  ) {
    this.channel = new Channel((text) => this.#write(Buffer.from(`${text}${this.#end}`)), answers, { deeper: DEEPER });
    const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
      this.#take(chunk);
      if (manners.slow) setImmediate(done);
      else done();
    };
    this.served = stdio.serve({ input: this.#input, output: new Writable({ write, highWaterMark: 4_096 }) });
  }

  /** Writes a line, and accounts for what it must bring about. */
  writeLine(line: Line): void {
    const bytes = this.#bytesOf(line);
    this.#end = line.end;
    if (line.kind === 'message' && bytes.length <= this.maxMessageSize) this.channel.sendText(bytes.toString('utf8'));
    else {
      for (const part of linesOf(bytes)) this.channel.ledger.sent(this.#understood(part));
      this.#write(Buffer.concat([bytes, Buffer.from(line.end)]));
    }
    this.#end = '\n';
  }

  /** Ends the pipe: when all is answered, or before. */
  async leave(): Promise<void> {
    if (!this.manners.leaves) await this.channel.settle();
    await this.#drained();
    this.channel.leave();
    this.#input.end();
    const late = Symbol('late');
    if ((await Promise.race([this.served, delay(DEADLINE_MS, late, { ref: false })])) === late) {
      this.channel.ledger.findings.push('the server holds on to a pipe whose client has gone');
    }
  }

  #bytesOf(line: Line): Buffer {
    switch (line.kind) {
      case 'message':
        return Buffer.from(spelled(assemble(line.recipe, this.channel), DEEPER));
      case 'text':
        return Buffer.from(line.text);
      case 'bytes':
        return Buffer.from(line.bytes);
      default:
        return Buffer.from(`"${'x'.repeat(this.maxMessageSize - 2 + line.length)}"`);
    }
  }

  /** What the server has to understand a line as: nothing at all, garbage or a message. */
  #understood(line: Buffer): unknown {
    if (line.length > this.maxMessageSize || !isUtf8(line)) return null;
    try {
      return JSON.parse(line.toString('utf8').trim());
    } catch {
      return null;
    }
  }

  #write(bytes: Buffer): void {
    this.#outgoing = Buffer.concat([this.#outgoing, bytes]);
    while (this.#outgoing.length > 0) {
      const { pieces } = this.manners;
      const size = pieces[this.#piece++ % pieces.length] ?? 64;
      this.#input.write(this.#outgoing.subarray(0, size));
      this.#outgoing = this.#outgoing.subarray(size);
    }
  }

  async #drained(): Promise<void> {
    while (this.#input.readableLength > 0 || this.#input.writableLength > 0) await turn();
  }

  /** Takes bytes from the server: nothing but one message a line may be among them. */
  #take(chunk: Buffer): void {
    this.#incoming = Buffer.concat([this.#incoming, chunk]);
    for (let end = this.#incoming.indexOf(NEWLINE); end !== -1; end = this.#incoming.indexOf(NEWLINE)) {
      const line = this.#incoming.subarray(0, end);
      this.#incoming = this.#incoming.subarray(end + 1);
      this.#takeLine(line.toString('utf8'));
    }
  }

  #takeLine(line: string): void {
    try {
      this.channel.received(JSON.parse(line));
    } catch (error) {
      this.channel.ledger.findings.push(`${String(error)} at the line ${line.slice(0, 200)}`);
    }
  }
}

/** The lines in some bytes that hold anything. */
function linesOf(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    found.push(bytes.subarray(start, end));
    start = end + 1;
  }
  found.push(bytes.subarray(start));
  return found.filter((line) => !isUtf8(line) || line.toString('utf8').trim() !== '');
}

import { closest } from '../../../core/index.js';
import { durationMs } from '../duration.js';
import {
  ConditionFault,
  type Arithmetic,
  type Comparison,
  type Matcher,
  type SelectSyntax,
  type Syntax,
} from './syntax.js';
import { tokens, type Token } from './tokens.js';

/** Characters of a condition: enough for what a person can follow. */
export const LONGEST_CONDITION = 1_000;
/** Brackets in brackets. */
const DEEPEST = 32;

const FUNCTIONS = ['rate', 'increase', 'sum', 'avg', 'max', 'min', 'p50', 'p90', 'p95', 'p99'];
const QUANTILE = /^p[1-9]\d?$/;
const COMPARISONS: ReadonlySet<string> = new Set<Comparison>(['>', '>=', '<', '<=', '==', '!=']);
const MATCHING: ReadonlySet<string> = new Set<Matcher['operator']>(['=', '!=', '=~', '!~']);

/** What a number is multiplied by for its unit: times are seconds, sizes bytes, shares of one. */
const FACTORS: Readonly<Record<string, number>> = {
  '': 1,
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  '%': 0.01,
  KiB: 1_024,
  MiB: 1_048_576,
  GiB: 1_073_741_824,
};

/**
 * Reads a condition. Nothing of it is ever run as code.
 *
 * ```
 * condition  = all { "or" all }              all      = one { "and" one }
 * one        = sum [ comparison sum ]        sum      = product { ("+" | "-") product }
 * product    = atom { ("*" | "/") atom }     atom     = number [ unit ] | "-" atom | "(" condition ")" | function "(" sum ")" | select
 * select     = name [ "{" label matcher text { "," … } "}" ] [ "[" duration "]" ]
 * ```
 *
 * @throws ConditionFault with the place of the first thing that is wrong
 */
export function parseCondition(condition: string): Syntax {
  if (condition.length > LONGEST_CONDITION) {
    throw new ConditionFault(LONGEST_CONDITION + 1, `a condition has ${LONGEST_CONDITION} characters at the most`);
  }
  return new Parser(tokens(condition)).whole();
}

class Parser {
  #next = 0;
  #depth = 0;

  constructor(private readonly words: readonly Token[]) {}

  whole(): Syntax {
    const syntax = this.#either();
    const { kind, text, at } = this.#word;
    if (kind === 'end') return syntax;
    throw new ConditionFault(at, `"${text}" is not expected here: after a comparison comes \`and\`, \`or\` or the end`);
  }

  get #word(): Token {
    return this.words[this.#next] as Token;
  }

  #is(kind: Token['kind'], text: string): boolean {
    return this.#word.kind === kind && this.#word.text === text;
  }

  #take(): Token {
    const word = this.#word;
    if (word.kind !== 'end') this.#next++;
    return word;
  }

  #expect(sign: string, why: string): void {
    const { kind, text, at } = this.#word;
    if (kind !== 'sign' || text !== sign) {
      throw new ConditionFault(at, `"${sign}" is expected ${why}, not ${kind === 'end' ? 'the end' : `"${text}"`}`);
    }
    this.#next++;
  }

  #either(): Syntax {
    let left = this.#both();
    while (this.#is('name', 'or')) left = this.#binary('or', left, () => this.#both());
    return left;
  }

  #both(): Syntax {
    let left = this.#comparison();
    while (this.#is('name', 'and')) left = this.#binary('and', left, () => this.#comparison());
    return left;
  }

  #comparison(): Syntax {
    const left = this.#sum();
    const { kind, text, at } = this.#word;
    if (kind === 'sign' && text === '=') throw new ConditionFault(at, 'two things are compared with "=="');
    if (kind !== 'sign' || !COMPARISONS.has(text)) return left;
    return this.#binary(text as Comparison, left, () => this.#sum());
  }

  #sum(): Syntax {
    let left = this.#product();
    while (this.#is('sign', '+') || this.#is('sign', '-')) {
      left = this.#binary(this.#word.text as Arithmetic, left, () => this.#product());
    }
    return left;
  }

  #product(): Syntax {
    let left = this.#atom();
    while (this.#is('sign', '*') || this.#is('sign', '/')) {
      left = this.#binary(this.#word.text as Arithmetic, left, () => this.#atom());
    }
    return left;
  }

  #binary(operator: Arithmetic | Comparison | 'and' | 'or', left: Syntax, right: () => Syntax): Syntax {
    const { at } = this.#take();
    return { kind: 'binary', operator, left, right: right(), at };
  }

  #atom(): Syntax {
    if (++this.#depth > DEEPEST) throw new ConditionFault(this.#word.at, 'too many brackets in brackets');
    const word = this.#take();
    const syntax = this.#atomFrom(word);
    this.#depth--;
    return syntax;
  }

  #atomFrom({ kind, text, detail, at }: Token): Syntax {
    if (kind === 'number') return { kind: 'number', value: Number(text) * (FACTORS[detail] ?? 1), at };
    if (kind === 'name' && text !== 'and' && text !== 'or') {
      return this.#is('sign', '(') ? this.#apply(text, at) : this.#select(text, at);
    }
    if (kind === 'sign' && text === '-') {
      const operand = this.#atom();
      if (operand.kind === 'number') return { ...operand, value: -operand.value, at };
      return { kind: 'binary', operator: '-', left: { kind: 'number', value: 0, at }, right: operand, at };
    }
    if (kind === 'sign' && text === '(') {
      const inner = this.#either();
      this.#expect(')', 'to close the bracket');
      return inner;
    }
    const found = kind === 'end' ? 'the end' : `"${text}"`;
    throw new ConditionFault(at, `a metric, a function or a number is expected, not ${found}`);
  }

  #apply(name: string, at: number): Syntax {
    if (!FUNCTIONS.includes(name) && !QUANTILE.test(name)) {
      const meant = closest(name, FUNCTIONS);
      throw new ConditionFault(
        at,
        `there is no function ${name}; ${meant === undefined ? `there are ${FUNCTIONS.join(', ')}` : `did you mean ${meant}?`}`,
      );
    }
    this.#take();
    const argument = this.#sum();
    this.#expect(')', `after the argument of ${name}`);
    return { kind: 'apply', name, argument, at };
  }

  #select(metric: string, at: number): SelectSyntax {
    const matchers: SelectSyntax['matchers'][number][] = [];
    if (this.#is('sign', '{')) {
      this.#take();
      while (!this.#is('sign', '}')) {
        matchers.push(this.#matcher());
        if (!this.#is('sign', '}')) this.#expect(',', 'between matchers, or "}" after the last');
      }
      this.#take();
    }
    return { kind: 'select', metric, matchers, windowMs: this.#window(), at };
  }

  #matcher(): SelectSyntax['matchers'][number] {
    const label = this.#take();
    if (label.kind !== 'name') throw new ConditionFault(label.at, 'the name of a label is expected');
    const operator = this.#take();
    if (operator.kind !== 'sign' || !MATCHING.has(operator.text)) {
      throw new ConditionFault(operator.at, `one of = != =~ !~ is expected after the label ${label.text}`);
    }
    const value = this.#take();
    if (value.kind !== 'text') throw new ConditionFault(value.at, `a text in quotes is expected for ${label.text}`);
    const matcher = {
      label: label.text,
      operator: operator.text as Matcher['operator'],
      value: value.detail,
      at: label.at,
    };
    if (operator.text.endsWith('~') && !PATTERN.test(value.detail)) {
      throw new ConditionFault(
        value.at,
        `a pattern is made of letters, digits, spaces, _, :, /, - and .* with | between alternatives, not ${value.text}`,
      );
    }
    return matcher;
  }

  #window(): number | undefined {
    if (!this.#is('sign', '[')) return undefined;
    const { at } = this.#take();
    let text = '';
    while (this.#word.kind === 'number') {
      const { text: amount, detail } = this.#take();
      text += amount + detail;
    }
    const milliseconds = durationMs(text);
    if (milliseconds === undefined || milliseconds === 0) {
      throw new ConditionFault(at, 'a window is a duration with its unit, as [5m]');
    }
    this.#expect(']', 'after the window');
    return milliseconds;
  }
}

/** What means the same to RE2, which Prometheus uses, and to us. */
const PATTERN = /^[A-Za-z0-9 _:/-]*(?:(?:\.\*|\|)[A-Za-z0-9 _:/-]*){0,50}$/;

/** What models that reason aloud write before they answer. */
const THOUGHTS = /^\s*<think>[\s\S]*?<\/think>/;
const FENCE = /```[\w-]*[^\S\n]*\n([\s\S]*?)\n?[^\S\n]*```/;

/**
 * The JSON value of a model's answer: the whole text, what stands in its code fence, or what stands between the first
 * brace or bracket and the last.
 */
export function findJson(answer: string): { readonly value: unknown } | undefined {
  const text = answer.replace(THOUGHTS, '').trim();
  const fenced = FENCE.exec(text)?.[1];
  for (const candidate of [text, fenced, between(text, '{', '}'), between(text, '[', ']')]) {
    if (candidate === undefined || candidate === '') continue;
    try {
      return { value: JSON.parse(candidate) as unknown };
    } catch {
      // The next candidate may be it.
    }
  }
  return undefined;
}

function between(text: string, open: string, close: string): string | undefined {
  const start = text.indexOf(open);
  const end = text.lastIndexOf(close);
  return start === -1 || end < start ? undefined : text.slice(start, end + 1);
}

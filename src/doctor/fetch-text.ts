/** More than any document that is asked for here. */
const LARGEST = 262_144;

/** What an HTTP server said. */
export interface FetchedText {
  readonly status: number;
  readonly text: string;
  /** The body as JSON; `undefined` when it is none. */
  readonly json: unknown;
  /** The `Date` header, as milliseconds since the epoch. */
  readonly date: number | undefined;
}

/** Asks with GET, and follows nowhere. @throws what `fetch` throws, and Error for a body over 256 KiB */
export async function fetchText(url: string, signal: AbortSignal): Promise<FetchedText> {
  const response = await fetch(url, {
    signal,
    redirect: 'manual',
    headers: { accept: 'application/json, text/plain' },
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST) throw new Error(`the answer is larger than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const date = response.headers.get('date');
  return { status: response.status, text, json: parsed(text), date: date === null ? undefined : Date.parse(date) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

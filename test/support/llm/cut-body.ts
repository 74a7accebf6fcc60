/** Where a body of so many bytes is cut, in ascending order. */
export type Cuts = (bytes: number) => readonly number[];

/**
 * A `fetch` whose bodies come in chunks that end where `cuts` says, within characters and ends of lines too. It stands on
 * this side of the connection, as what is sent in many chunks may be read in one.
 */
export function cuttingFetch(cuts: Cuts): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await globalThis.fetch(input, init);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const ends = [...cuts(bytes.length), bytes.length];
    let start = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          const end = ends.shift();
          if (end === undefined) return controller.close();
          controller.enqueue(bytes.slice(start, end));
          start = end;
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body, response);
  };
}

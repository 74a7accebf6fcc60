/** Where a browser ended up. */
export interface Visited {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const MOST_REDIRECTS = 20;

/** A person's browser: keeps cookies, follows redirects, runs no script. */
export class TestBrowser {
  /** Origin → name → value. */
  readonly #cookies = new Map<string, Map<string, string>>();

  /** Opens a page and follows wherever it leads. */
  async visit(address: string): Promise<Visited> {
    const { url, response } = await this.#follow(address, () => false);
    return {
      url,
      status: response?.status ?? 0,
      headers: response?.headers ?? new Headers(),
      text: (await response?.text()) ?? '',
    };
  }

  /** Follows until it would leave for a URL that begins with `redirectUri`; returns that one, unopened. */
  async visitUntil(address: string, redirectUri: string): Promise<URL> {
    const { url, response } = await this.#follow(address, (next) => next.href.startsWith(redirectUri));
    if (response === undefined) return url;
    throw new Error(`The way from ${address} ended at ${url.href}: ${response.status} ${await response.text()}`);
  }

  async #follow(
    address: string,
    stop: (next: URL) => boolean,
  ): Promise<{ readonly url: URL; readonly response: Response | undefined }> {
    let url = new URL(address);
    for (let hop = 0; hop < MOST_REDIRECTS; hop++) {
      if (stop(url)) return { url, response: undefined };
      const response = await fetch(url, { redirect: 'manual', headers: { cookie: this.#sent(url.origin) } });
      this.#keep(url.origin, response.headers.getSetCookie());
      const location = response.headers.get('location');
      if (location === null) return { url, response };
      await response.body?.cancel();
      url = new URL(location, url);
    }
    throw new Error(`More than ${MOST_REDIRECTS} redirects from ${address}`);
  }

  #sent(origin: string): string {
    return [...(this.#cookies.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #keep(origin: string, lines: readonly string[]): void {
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/expires=thu, 01 jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
  }
}

/** The value of a series on a page of metrics, by name and labels; of several the first. */
export function valueOf(page: string, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const line = page
    .split('\n')
    .filter((text) => text.startsWith(`${name}{`) || text.startsWith(`${name} `))
    .find((text) => Object.entries(labels).every(([label, value]) => text.includes(`${label}="${value}"`)));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}

/** Every series on a page, without its value. */
export const seriesOn = (page: string): readonly string[] =>
  page
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));

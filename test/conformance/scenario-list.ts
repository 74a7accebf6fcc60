/** The server scenarios of a set, by name. */
export interface ScenarioList {
  readonly scored: readonly string[];
  readonly unscored: readonly string[];
}

/**
 * Reads what a suite's `list` prints: scenarios under the heading of their kind (`  - name`), and those that are never
 * scored, each with its kind behind it (`    - name [server]`).
 */
export function readScenarioList(text: string): ScenarioList {
  const scored: string[] = [];
  const unscored: string[] = [];
  let heading = '';
  for (const line of text.split('\n')) {
    const [, name] = /^ {2}- (\S+)/.exec(line) ?? [];
    const [, unscoredName] = /^ {4}- (\S+) \[server\]$/.exec(line) ?? [];
    if (unscoredName !== undefined) unscored.push(unscoredName);
    else if (name === undefined) heading = line.trim() === '' ? heading : line;
    else if (heading.startsWith('Server scenarios')) scored.push(name);
  }
  return { scored, unscored };
}

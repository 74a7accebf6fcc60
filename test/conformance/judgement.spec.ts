import { describe, expect, it } from 'vitest';
import { judge, type Judgement, line } from './judgement.js';
import type { Check } from './results.js';
import { readScenarioList } from './scenario-list.js';

const listed = [
  'Required for 2026-07-28 (3 scenarios, frozen; run at the 2026-07-28 wire):',
  '',
  'Server scenarios (test against a server):',
  '  - ping [2025-06-18,2025-11-25]',
  '  - tools-list',
  '',
  'Client scenarios (test against a client):',
  '  - initialize',
  '',
  'Run and reported, but never scored:',
  '  pending (2):',
  '    - server-sse-polling [server]',
  '    - auth/dpop [client]',
].join('\n');

const nowhere = { name: 'a set', folder: '', adapter: 'native', run: [], list: [] } as const;
const passed: Check = { id: 'passed', status: 'SUCCESS' };

/** The judgement on two scored scenarios and an unscored one, all green but for what is given. */
function judged(results: Readonly<Record<string, readonly Check[] | undefined>>): Judgement {
  const set = { ...nowhere, scored: 2, unscored: 1 };
  const all = { ping: [passed], 'tools-list': [passed], 'server-sse-polling': [passed], ...results };
  const ran = Object.entries(all).flatMap(([name, checks]) => (checks ? [[name, checks] as const] : []));
  return judge(set, readScenarioList(listed), new Map(ran));
}

describe('the judgement on a conformance run', () => {
  it('is good when every scenario of the list is green', () => {
    const judgement = judged({ ping: [passed, { id: 'a', status: 'INFO' }, { id: 'b', status: 'SKIPPED' }] });
    expect(judgement.faults).toEqual([]);
    expect(line(judgement)).toBe('a set: 3/3 scenarios (2/2 scored, 1/1 not), 3 checks');
  });

  it.each(['FAILURE', 'WARNING', 'UNHEARD_OF'])(
    'finds a check whose status is %s, also of an unscored one',
    (status) => {
      const { faults, unscored } = judged({ 'server-sse-polling': [passed, { id: 'x', status, errorMessage: 'why' }] });
      expect(faults).toEqual([`server-sse-polling: ${status} x: why`]);
      expect(unscored).toEqual({ green: 0, of: 1 });
    },
  );

  it('finds a scenario that did not run', () => {
    expect(judged({ ping: undefined }).faults).toEqual(['ping: did not run']);
  });

  it('finds a scenario that skipped all it has', () => {
    expect(judged({ ping: [{ id: 'a', status: 'SKIPPED' }] }).faults).toEqual(['ping: checked nothing']);
  });

  it('finds a suite that lists other scenarios than it should', () => {
    const set = { ...nowhere, scored: 2, unscored: 0 };
    const { faults } = judge(set, { scored: ['ping'], unscored: [] }, new Map([['ping', [passed]]]));
    expect(faults).toEqual(['The suite lists 1 scored scenarios; 2 were expected.']);
  });
});

import { stem } from './stem.js';
import { tokenize } from './terms.js';

/** Words of questions that say nothing about what is asked for. English, as are most questions of models. */
const FILLERS: ReadonlySet<string> = new Set(
  (
    'a about am an and any are as at be by can could did do does for from had has have how i if in into is it its me my ' +
    'of on or our should so some that the their them there these they this those to us was we were what when where ' +
    'which who why will with would you your'
  )
    .split(' ')
    .map(stem),
);

/** The terms to search for, each once: all but the fillers, or all when there are only fillers. */
export function queryTerms(query: string): readonly string[] {
  const terms = [...new Set(tokenize(query))];
  const telling = terms.filter((term) => !FILLERS.has(term));
  return telling.length > 0 ? telling : terms;
}

import { expect, it } from 'vitest';
import { insertReference } from './insert-reference.js';

it('replaces what stands between the marks, and changes nothing the second time', () => {
  const once = insertReference('# Page\n\n<!-- keys -->\n\nold\n\n<!-- /keys -->\n\nafter\n', '### server\n');
  expect(once).toContain('### server');
  expect(once).not.toContain('old');
  expect(once).toMatch(/^# Page\n\n<!-- keys -->\n[^]*<!-- \/keys -->\n\nafter\n$/);
  expect(insertReference(once ?? '', '### server\n')).toBe(once);
});

it('refuses a page without both marks', () => {
  expect(insertReference('# Page', 'x')).toBeUndefined();
  expect(insertReference('<!-- /keys --> <!-- keys -->', 'x')).toBeUndefined();
});

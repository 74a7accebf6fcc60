import { describe, expect, it } from 'vitest';
import { CALLBACK_HEADERS, callbackPage } from './callback-page.js';

describe('callbackPage', () => {
  it('escapes everything that it is given', () => {
    const page = callbackPage({ title: '</title><script>', text: `<img onerror='x' alt="&">` });
    expect(page).toContain('<title>&lt;/title&gt;&lt;script&gt;</title>');
    expect(page).toContain('<p>&lt;img onerror=&#39;x&#39; alt=&quot;&amp;&quot;&gt;</p>');
    expect(page).not.toMatch(/<script|<img/);
  });

  it('may be neither stored nor framed, and tells nobody where it came from', () => {
    const headers = Object.fromEntries(CALLBACK_HEADERS);
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/);
  });
});

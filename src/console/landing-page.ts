import { CLIENT_CONFIG_FILES, MCP_CLIENTS, clientConfig } from '../config/index.js';
import type { Summary } from './server-summary.js';

/** The page at `/`: what runs here and how to connect. No script, nothing loaded from elsewhere. */
export function landingPage(summary: Summary): string {
  const { name, version, description, url, protection, tools, resources, prompts, curl } = summary;
  const rows = tools.map(
    (tool) => `<tr><td><code>${escape(tool.name)}</code></td><td>${escape(tool.description)}</td></tr>`,
  );
  const clients = MCP_CLIENTS.map((client) => {
    const json = JSON.stringify(clientConfig(client, { name, url }), null, 2);
    return `<h3>${escape(CLIENT_CONFIG_FILES[client])}</h3><pre>${escape(json)}</pre>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(name)} ${escape(version)}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 small { font-weight: 400; opacity: .6; }
h3 { font-size: .9rem; font-weight: 600; margin: 1.25rem 0 .25rem; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: color-mix(in srgb, currentColor 7%, transparent); padding: .75rem 1rem; border-radius: .5rem; overflow-x: auto; }
td { padding: .25rem 1.5rem .25rem 0; vertical-align: top; }
</style>
</head>
<body>
<h1>${escape(name)} <small>${escape(version)}</small></h1>
<p>${escape(description ?? 'A Model Context Protocol server.')}</p>
<p>Endpoint: <code>${escape(url)}</code>. ${escape(protection)}</p>
<h2>Tools</h2>
<table>${rows.join('\n')}</table>
<p>${resources} resources, ${prompts} prompts.</p>
<h2>Try it</h2>
<pre>${escape(curl)}</pre>
<h2>Connect a client</h2>
${clients.join('\n')}
</body>
</html>
`;
}

/** The same for a terminal. */
export function landingText({ name, version, url, protection, tools, resources, prompts, curl }: Summary): string {
  const width = Math.max(0, ...tools.map((tool) => tool.name.length));
  return [
    `${name} ${version}`,
    '',
    `  Endpoint    ${url}`,
    `  Protection  ${protection}`,
    `  Serves      ${tools.length} tools, ${resources} resources, ${prompts} prompts`,
    ...tools.map((tool) => `              ${tool.name.padEnd(width)}  ${tool.description}`),
    '',
    'Try it:',
    '',
    `  ${curl}`,
    '',
  ].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

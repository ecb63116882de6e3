/** Pages of the API's documents: no script and nothing from elsewhere, so that they work offline. */

export const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Escaped text with `code` in backquotes. */
export const prose = (text: string): string =>
  escape(text).replace(/`([^`]+)`/g, "<code>$1</code>").replaceAll("\n\n", "<br>");

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
summary { cursor: pointer; padding: .35rem 0; }
summary span { opacity: .75; }
details { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
details > :not(summary) { margin-left: 1rem; }
table { border-collapse: collapse; font-size: .875rem; }
td { padding: .2rem .8rem .2rem 0; vertical-align: top; }
pre { overflow-x: auto; font-size: .8125rem; padding: .75rem; border-radius: .4rem;
  background: color-mix(in srgb, currentColor 8%, transparent); }
b.get { color: #2a7de1; } b.post { color: #1a9850; } b.put { color: #c77700; }
b.delete { color: #d73027; }
`;

/** `body` is HTML. */
export const htmlPage = (title: string, body: string): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${style}</style></head>
<body>${body}
</body></html>
`;

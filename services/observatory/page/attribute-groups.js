// Attributes in the groups a reader looks for: HTTP, database, and the application's own. Pure.

const GROUPS = [
  { title: 'Error', test: /^(error|exception)\b/ },
  { title: 'HTTP', test: /^(http|url|user_agent)\./ },
  { title: 'Database', test: /^db\./ },
  { title: 'Messaging and RPC', test: /^(messaging|rpc)\./ },
  { title: 'Network', test: /^(net|network|server|client|peer|source|destination|tls)\./ },
  { title: 'Code and runtime', test: /^(code|thread|process|telemetry|otel)\./ },
];

/** The application's own attributes come first after errors: they are what somebody wrote on purpose. */
const OWN = 'Application';

/** `[{title, entries}]` without empty groups; entries are sorted by key. */
export function groupAttributes(entries) {
  const order = [GROUPS[0].title, OWN, ...GROUPS.slice(1).map((group) => group.title)];
  const groups = new Map(order.map((title) => [title, []]));
  for (const entry of entries) {
    const group = GROUPS.find((candidate) => candidate.test.test(entry.key));
    groups.get(group?.title ?? OWN).push(entry);
  }
  return [...groups]
    .filter(([, members]) => members.length > 0)
    .map(([title, members]) => ({ title, entries: members.sort((a, b) => (a.key < b.key ? -1 : 1)) }));
}

const STATEMENT_KEYS = ['db.query.text', 'db.statement'];

/** Whether the value is a database statement, to be shown as a formatted block. */
export function isStatement(key) {
  return STATEMENT_KEYS.includes(key);
}

/** Whether the value is long text with lines of its own, such as a stack trace. */
export function isLongText(key, text) {
  return key.endsWith('stacktrace') || text.includes('\n');
}

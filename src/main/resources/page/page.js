// The exports of a team, live, and the limits that are nearly used up. The key stays in this variable: it is neither stored nor put into a URL.
let key = '';

/** A browser opens six connections to a host; some must be left for the list and for downloads. */
const MOST_STREAMS = 4;
const LIST_EVERY_MS = 5000;

const cards = new Map();
const streams = new Map();
const message = document.querySelector('#message');
const list = document.querySelector('#exports');
const lowLimits = document.querySelector('#low-limits');

document.querySelector('#key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  key = document.querySelector('#key').value;
  streams.forEach((stream) => stream.abort());
  streams.clear();
  cards.clear();
  list.replaceChildren();
  lowLimits.replaceChildren();
  refresh();
  warn();
});

setInterval(() => {
  if (key) {
    refresh();
    warn();
  }
}, LIST_EVERY_MS);

function request(path, signal) {
  return fetch(path, { headers: { Authorization: `Bearer ${key}` }, signal });
}

async function refresh() {
  const asked = key;
  try {
    const answer = await request('/api/exports?limit=20');
    if (asked !== key) return;
    if (!answer.ok) {
      message.textContent = answer.status === 401 ? 'That is no team\'s key.' : await words(answer);
      return;
    }
    const { exports } = await answer.json();
    message.textContent = exports.length ? '' : 'There are no exports yet.';
    show(exports);
  } catch (failure) {
    message.textContent = `Sluice does not answer: ${failure.message}`;
  }
}

/** Names each limit of which less than a tenth is left. */
async function warn() {
  const asked = key;
  try {
    const answer = await request('/api/limits');
    if (asked !== key || !answer.ok) return;
    const { accounts } = await answer.json();
    lowLimits.replaceChildren(...accounts.flatMap((account) => account.limits
      .filter((limit) => limit.low)
      .map((limit) => {
        const line = document.createElement('li');
        line.textContent = `${account.vendor}/${account.account}: ${limit.remaining} of ${limit.permits} left of limit ${limit.limit}`;
        return line;
      })));
  } catch {
    // The list of exports, asked for at the same time, says that Sluice does not answer.
    lowLimits.replaceChildren();
  }
}

async function words(answer) {
  try {
    const problem = await answer.json();
    return problem.detail ?? problem.title;
  } catch {
    return `HTTP ${answer.status}`;
  }
}

function show(exports) {
  const shown = new Set(exports.map((each) => each.id));
  for (const [id, card] of cards) {
    if (!shown.has(id)) {
      card.element.remove();
      cards.delete(id);
    }
  }
  exports.forEach((each) => {
    const card = cards.get(each.id) ?? newCard(each);
    list.append(card.element);
    showHead(card, each);
    each.parts.forEach((part) => showPart(card, part));
  });
  exports.filter((each) => !over(each)).forEach((each) => {
    if (!streams.has(each.id) && streams.size < MOST_STREAMS) follow(each.id);
  });
}

function over(each) {
  return !['queued', 'running'].includes(each.state);
}

function newCard(each) {
  const element = document.querySelector('#export').content.firstElementChild.cloneNode(true);
  element.id = each.id;
  element.querySelector('.id').textContent = each.id;
  element.querySelector('.about').textContent =
    `${each.vendor}/${each.account}, team ${each.team}, ordered ${new Date(each.created_at).toLocaleString()}`;
  const card = { element, rows: new Map() };
  cards.set(each.id, card);
  return card;
}

function showHead(card, head) {
  const state = card.element.querySelector('.state');
  state.textContent = head.state;
  state.className = `state ${head.state}`;
  const bar = card.element.querySelector('progress');
  bar.max = head.progress.parts;
  bar.value = head.progress.done;
  card.element.querySelector('.count').textContent = `${head.progress.done} of ${head.progress.parts} done`
    + (head.progress.failed ? `, ${head.progress.failed} failed` : '');
}

function showPart(card, part) {
  let row = card.rows.get(part.part);
  if (!row) {
    row = card.element.querySelector('tbody').insertRow();
    card.rows.set(part.part, row);
  }
  row.replaceChildren(
    cell(part.part),
    cell(part.state, part.state),
    cell(part.polls, 'number'),
    cell(part.bytes.toLocaleString(), 'number'),
    cell(part.next_poll_at ? new Date(part.next_poll_at).toLocaleTimeString() : ''),
    outcome(part),
  );
}

function cell(text, style = '') {
  const made = document.createElement('td');
  made.textContent = text;
  made.className = style;
  return made;
}

function outcome(part) {
  if (part.result) {
    const made = cell('');
    const button = document.createElement('button');
    button.textContent = 'Download';
    button.addEventListener('click', () => download(part.result));
    made.append(button);
    return made;
  }
  return part.error ? cell(`${part.error.title}: ${part.error.detail}`, 'error') : cell('');
}

async function download(path) {
  const answer = await request(path);
  if (!answer.ok) {
    message.textContent = await words(answer);
    return;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? 'result';
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Follows an export's events. EventSource cannot send a key, so the stream is read by hand. */
async function follow(id) {
  const stream = new AbortController();
  streams.set(id, stream);
  try {
    const answer = await request(`/api/exports/${id}/events`, stream.signal);
    if (!answer.ok) return;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const events = (text + next.value).split('\n\n');
      text = events.pop();
      events.forEach((event) => told(id, event));
    }
  } catch (failure) {
    // The list is asked for again in a few seconds, and with it the stream.
    if (failure.name !== 'AbortError') message.textContent = `The connection broke: ${failure.message}`;
  } finally {
    if (streams.get(id) === stream) streams.delete(id);
  }
}

function told(id, event) {
  const card = cards.get(id);
  const name = /^event: ?(.*)$/m.exec(event)?.[1];
  const data = [...event.matchAll(/^data: ?(.*)$/gm)].map((line) => line[1]).join('\n');
  if (!card || !data) return;
  if (name === 'part') showPart(card, JSON.parse(data));
  if (name === 'export') showHead(card, JSON.parse(data));
}

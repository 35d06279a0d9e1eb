// The exports of a team, live, and the limits that are nearly used up. The key stays in this variable: it is neither stored nor put into a URL.
let key = '';

const PAGE = 20;
/** The largest page that the API gives. */
const LARGEST_PAGE = 200;
const LIMITS_EVERY_MS = 5000;
/** While the stream shows not all exports that are under way. */
const LIST_EVERY_MS = 15_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 30_000;

const cards = new Map();
const message = document.querySelector('#message');
const list = document.querySelector('#exports');
const older = document.querySelector('#more');
const lowLimits = document.querySelector('#low-limits');
const dialog = document.querySelector('#confirm');

/** What belongs to the key that was entered last; aborted when another one is entered. */
let session = new AbortController();
/** Where the list goes on; undefined at its end. */
let cursor;
/** Whether there are more exports under way than the stream shows. */
let incomplete = false;

document.querySelector('#key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  key = document.querySelector('#key').value;
  session.abort();
  session = new AbortController();
  cards.clear();
  cursor = undefined;
  incomplete = false;
  list.replaceChildren();
  lowLimits.replaceChildren();
  older.hidden = true;
  follow(session.signal);
  warn(session.signal);
});

older.addEventListener('click', () => showOlder(session.signal));

setInterval(() => {
  if (key && !document.hidden) warn(session.signal);
}, LIMITS_EVERY_MS);

setInterval(() => {
  if (key && !document.hidden && incomplete) refresh(session.signal);
}, LIST_EVERY_MS);

function request(path, signal, method = 'GET') {
  return fetch(path, { method, headers: { Authorization: `Bearer ${key}` }, signal });
}

/**
 * Follows what changes, over one connection: a browser opens six to a host, for all tabs together. So a tab that is not
 * seen has none. EventSource cannot send a key, so the stream is read by hand.
 */
async function follow(signal) {
  let retry = FIRST_RETRY_MS;
  while (!signal.aborted) {
    await seen(signal);
    const tab = new AbortController();
    document.addEventListener('visibilitychange', () => document.hidden && tab.abort(), { signal: tab.signal });
    let wait = retry;
    try {
      const answer = await request('/api/events?topics=exports', AbortSignal.any([signal, tab.signal]));
      if (answer.ok) {
        // The list first, since the stream begins with what is newer. It holds what has ended while nobody listened.
        await refresh(signal);
        retry = FIRST_RETRY_MS;
        wait = retry;
        await read(answer.body);
      } else {
        await refresh(signal);
        wait = Math.max(retry, 1000 * Number(answer.headers.get('Retry-After') ?? 0));
        if (answer.status === 401) return;
      }
    } catch (failure) {
      if (failure.name !== 'AbortError' && !signal.aborted) {
        message.textContent = `Sluice does not answer: ${failure.message}`;
      }
    } finally {
      tab.abort();
    }
    retry = Math.min(2 * retry, LAST_RETRY_MS);
    await pause(wait, signal);
  }
}

/** Waits until the tab is seen. */
function seen(signal) {
  return new Promise((done) => {
    if (!document.hidden || signal.aborted) {
      done();
      return;
    }
    document.addEventListener('visibilitychange', () => done(), { once: true });
    signal.addEventListener('abort', () => done(), { once: true });
  });
}

function pause(ms, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => { clearTimeout(timer); done(); }, { once: true });
  });
}

async function read(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const events = (text + next.value).split('\n\n');
    text = events.pop();
    events.forEach(told);
  }
}

function told(event) {
  const name = /^event: ?(.*)$/m.exec(event)?.[1];
  const data = [...event.matchAll(/^data: ?(.*)$/gm)].map((line) => line[1]).join('\n');
  if (!data) return;
  if (name === 'export') {
    const each = JSON.parse(data);
    // An older one than those that are listed has its place on a page that is not shown yet.
    if (cards.has(each.id) || !cursor || each.id > cursor) {
      show(each);
      message.textContent = '';
    }
  }
  if (name === 'exports') incomplete = JSON.parse(data).more;
}

/** Asks again for what is listed. */
async function refresh(signal) {
  await page(Math.min(LARGEST_PAGE, Math.max(PAGE, cards.size)), '', signal);
}

async function showOlder(signal) {
  older.disabled = true;
  await page(PAGE, `&cursor=${encodeURIComponent(cursor)}`, signal);
  older.disabled = false;
}

async function page(limit, from, signal) {
  try {
    const answer = await request(`/api/exports?limit=${limit}${from}`, signal);
    if (!answer.ok) {
      message.textContent = answer.status === 401 ? 'That is no team\'s key.' : await words(answer);
      return;
    }
    const { exports, next } = await answer.json();
    if (signal.aborted) return;
    exports.forEach(show);
    // Asked again from the start, an answer that is shorter than what is listed does not say where that goes on.
    if (from || exports.length >= cards.size) cursor = next;
    older.hidden = !cursor;
    message.textContent = cards.size ? '' : 'There are no exports yet.';
  } catch (failure) {
    if (!signal.aborted) message.textContent = `Sluice does not answer: ${failure.message}`;
  }
}

/** Names each limit of which less than a tenth is left. */
async function warn(signal) {
  try {
    const answer = await request('/api/limits', signal);
    if (!answer.ok) return;
    const { accounts } = await answer.json();
    if (signal.aborted) return;
    lowLimits.replaceChildren(...accounts.flatMap((account) => account.limits
      .filter((limit) => limit.low)
      .map((limit) => {
        const line = document.createElement('li');
        line.textContent = `${account.vendor}/${account.account}: ${limit.remaining} of ${limit.permits} left of limit ${limit.limit}`;
        return line;
      })));
  } catch {
    // The stream, which is asked for again and again, says that Sluice does not answer.
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

function over(each) {
  return !['queued', 'running'].includes(each.state);
}

/** Shows an export in its place, the youngest first: an id tells when its export was ordered. */
function show(each) {
  let card = cards.get(each.id);
  if (!card) {
    card = newCard(each);
    cards.set(each.id, card);
    const after = [...list.children].find((other) => other.id < each.id);
    list.insertBefore(card.element, after ?? null);
  }
  card.shown = each;
  showHead(card, each);
  each.parts.forEach((part) => showPart(card, part));
}

function newCard(each) {
  const element = document.querySelector('#export').content.firstElementChild.cloneNode(true);
  element.id = each.id;
  element.querySelector('.id').textContent = each.id;
  element.querySelector('.about').textContent =
    `${each.vendor}/${each.account}, team ${each.team}, ordered ${new Date(each.created_at).toLocaleString()}`;
  element.querySelector('.ordered').textContent = ordered(each);
  const card = { element, rows: new Map(), shown: each };
  element.querySelector('.cancel').addEventListener('click', () => confirm(card));
  return card;
}

/** What was ordered, in words: forecast or type, and the options. */
function ordered(each) {
  const options = Object.entries(each.options)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [each.forecast && `forecast ${each.forecast}`, each.type && `type ${each.type}`, ...options]
    .filter(Boolean).join(', ');
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
  card.element.querySelector('.cancel').hidden = over(head);
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

/** Asks before an export is cancelled. */
function confirm(card) {
  const { id, progress } = card.shown;
  const open = progress.parts - progress.done - progress.failed;
  dialog.querySelector('.what').textContent =
    `${id}: ${ordered(card.shown)}; ${open} of ${progress.parts} parts are not over.`;
  dialog.querySelector('.no').onclick = () => dialog.close();
  dialog.querySelector('.yes').onclick = () => {
    dialog.close();
    cancel(card, session.signal);
  };
  dialog.showModal();
}

/** Cancels an export, and shows what came of that. */
async function cancel(card, signal) {
  const button = card.element.querySelector('.cancel');
  const said = card.element.querySelector('.outcome');
  button.disabled = true;
  said.className = 'outcome';
  said.textContent = 'Cancelling …';
  try {
    const answer = await request(`/api/exports/${card.shown.id}`, signal, 'DELETE');
    if (answer.ok) {
      const now = await answer.json();
      show(now);
      said.textContent = now.state === 'cancelled'
        ? 'Cancelled.' : `Nothing was left to cancel: it is ${now.state}.`;
    } else {
      said.className = 'outcome error';
      said.textContent = `Not cancelled: ${await words(answer)}`;
    }
  } catch (failure) {
    said.className = 'outcome error';
    said.textContent = `Sluice did not answer, so it may be cancelled or not: ${failure.message}`;
  }
  button.disabled = false;
}

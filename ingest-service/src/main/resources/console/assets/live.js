// The Live page: rows as they land. Without it the page shows the newest at each reload.
import { fragment, say, showTimes, timeText } from './console.js';
import { showButtons } from './delivery.js';

const MOST_ROWS = 500;
const MOST_WAITING = 50;
/** In characters: what is longer is wrapped. As OutcomeWords has it. */
const LONG_WORDS = 44;
const WIDE = window.matchMedia('(min-width: 1200px)');

const rows = document.getElementById('rows');
const form = document.getElementById('filter');
const search = document.getElementById('q');
const pauseButton = document.getElementById('pause');
const keys = document.getElementById('keys');
const state = document.getElementById('state');
const rate = document.getElementById('rate');
const skipped = document.getElementById('skipped');
const unlanded = document.getElementById('unlanded');
const split = document.getElementById('split');
const beside = document.getElementById('beside');
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const count = (number) => grouped.format(number).replaceAll(',', '\u202f');

/** The rows by number, so that what becomes of a delivery is shown in its place. */
const byNumber = new Map();

// Rows.

function cell(name, inner) {
  const td = document.createElement('td');
  td.className = name;
  if (inner) {
    td.append(inner);
  }
  return td;
}

function newRow() {
  const tr = document.createElement('tr');
  const link = document.createElement('a');
  link.className = 'open';
  const time = document.createElement('time');
  time.className = 'time';
  link.append(time);
  const outcome = cell('outcome', document.createElement('span'));
  const why = document.createElement('span');
  why.className = 'why';
  outcome.append(' ', why);
  tr.append(cell('when', link), cell('source'), cell('type', document.createElement('bdi')),
    cell('entity', document.createElement('bdi')), outcome, cell('number took'));
  return tr;
}

function fill(tr, row) {
  const [when, source, type, entity, outcome, took] = tr.cells;
  tr.dataset.n = row.n;
  const link = when.firstElementChild;
  link.href = row.href;
  const time = link.firstElementChild;
  time.dateTime = row.at;
  time.textContent = timeText(new Date(row.at));
  source.textContent = row.source;
  type.firstElementChild.textContent = row.type;
  entity.firstElementChild.textContent = row.entity;
  entity.title = row.entity;
  const [word, why] = outcome.children;
  word.className = row.style;
  word.textContent = `${row.mark} ${row.word}`;
  why.textContent = row.why;
  why.title = row.why;
  outcome.classList.toggle('long', row.why.length > LONG_WORDS);
  took.textContent = row.took;
  tr.classList.toggle('current', row.place !== '' && row.place === opened);
  byNumber.set(row.n, tr);
}

function forget(tr) {
  const number = Number(tr.dataset.n);
  if (byNumber.get(number) === tr) {
    byNumber.delete(number);
  }
}

/** A row to be filled: the oldest one where there are as many as the page shows. */
function freeRow() {
  while (rows.childElementCount >= MOST_ROWS) {
    const oldest = rows.lastElementChild;
    if (!oldest.classList.contains('gap') && !oldest.contains(document.activeElement)
      && rows.childElementCount === MOST_ROWS) {
      forget(oldest);
      oldest.remove();
      return oldest;
    }
    forget(oldest);
    oldest.remove();
  }
  return newRow();
}

function gap(number, why) {
  const first = rows.firstElementChild;
  if (first && first.classList.contains('gap') && first.dataset.why === why) {
    first.dataset.more = Number(first.dataset.more) + number;
    first.firstElementChild.textContent = `${count(Number(first.dataset.more))} ${why}`;
    return;
  }
  while (rows.childElementCount >= MOST_ROWS) {
    forget(rows.lastElementChild);
    rows.lastElementChild.remove();
  }
  const tr = document.createElement('tr');
  tr.className = 'gap';
  tr.dataset.more = number;
  tr.dataset.why = why;
  const td = document.createElement('td');
  td.colSpan = 6;
  td.textContent = `${count(number)} ${why}`;
  tr.append(td);
  rows.prepend(tr);
}

function show(list) {
  for (const row of list) {
    const known = byNumber.get(row.n);
    if (known) {
      if (row.gone) {
        forget(known);
        known.remove();
      } else {
        fill(known, row);
      }
    } else if (!row.gone && !passed.has(row.n)) {
      const tr = freeRow();
      fill(tr, row);
      rows.prepend(tr);
    }
  }
}

function empty() {
  byNumber.clear();
  rows.replaceChildren();
}

function showEmptiness() {
  const none = rows.childElementCount === 0;
  const filtered = query().toString() !== '';
  document.getElementById('empty').hidden = !none || filtered;
  document.getElementById('nothing').hidden = !none || !filtered;
  document.getElementById('nothing-spool').hidden = form.elements.outcome.value !== 'spool';
}

// Pausing.

let paused = false;
let pausedBy = '';
let missed = 0;
let waiting = [];

/** Rows that came while the page was paused and are not shown: their changes are no new rows. */
const passed = new Set();

function pass(row) {
  missed += 1;
  passed.add(row.n);
  if (passed.size > MOST_ROWS) {
    passed.delete(passed.values().next().value);
  }
}

function setPaused(now, by) {
  if (paused === now) {
    return;
  }
  paused = now;
  pausedBy = by;
  pauseButton.textContent = now ? 'Go on' : 'Pause';
  document.title = document.title.replace(/^⏸ /, '');
  if (now) {
    document.title = `⏸ ${document.title}`;
  } else {
    const left = missed;
    if (left > 0) {
      gap(left, 'not shown');
    }
    show(waiting);
    say(left > 0 ? `Going on; ${count(left)} were not shown` : 'Going on');
    missed = 0;
    waiting = [];
    showEmptiness();
  }
  showState();
}

function hold(list, more) {
  missed += more;
  for (const row of list) {
    if (byNumber.has(row.n)) {
      if (!row.gone) {
        fill(byNumber.get(row.n), row);
      }
      continue;
    }
    const at = waiting.findIndex((each) => each.n === row.n);
    if (at >= 0) {
      waiting[at] = row;
    } else if (!row.gone && !passed.has(row.n)) {
      waiting.push(row);
    }
  }
  while (waiting.length > MOST_WAITING) {
    pass(waiting.shift());
  }
  showState();
}

// What the page says of itself.

let cutSince = null;
let cutWhy = '';
let following = '';

function showState() {
  state.classList.toggle('broken', Boolean(cutSince));
  if (cutSince) {
    state.textContent = `Cut off since ${timeText(cutSince)}${cutWhy}. The page connects again by itself.`;
  } else if (following) {
    state.textContent = following;
  } else if (paused) {
    const held = missed + waiting.length;
    const why = pausedBy === 'hidden' ? 'Paused while this page was hidden' : 'Paused';
    state.textContent = held > 0 ? `${why}: ${count(held)} since` : why;
  }
  state.hidden = !(cutSince || following || paused);
}

function showHead(message) {
  following = message.following;
  rate.textContent = `${count(message.rate)}/s`;
  unlanded.hidden = !message.unlanded;
  unlanded.textContent = message.unlanded;
  skipped.hidden = message.skipped === 0;
  skipped.textContent = `${count(message.skipped)} not read: more landed than the console can follow`;
}

const SVG = 'http://www.w3.org/2000/svg';

function line(name, points) {
  const polyline = document.createElementNS(SVG, 'polyline');
  polyline.setAttribute('class', name);
  polyline.setAttribute('points', points);
  return polyline;
}

function showPlots(plots) {
  const list = document.getElementById('plots');
  if (list.contains(document.activeElement)) {
    return;
  }
  list.replaceChildren(...plots.map((plot) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = `/?source=${encodeURIComponent(plot.source)}`;
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('class', 'plot spark');
    svg.setAttribute('viewBox', '0 0 59 20');
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', plot.words);
    svg.append(line('taken', plot.landed));
    if (plot.failures > 0) {
      svg.append(line('refused', plot.failed));
    }
    const name = document.createElement('span');
    name.className = 'spark-name';
    name.textContent = plot.source;
    const total = document.createElement('span');
    total.className = 'note';
    total.textContent = `${count(plot.total)}/h`;
    link.append(svg, name, ' ', total);
    if (plot.failures > 0) {
      const failures = document.createElement('span');
      failures.className = 'bad';
      failures.textContent = `▲ ${count(plot.failures)}`;
      link.append(' ', failures);
    }
    item.append(link);
    return item;
  }));
}

// The stream.

let stream = null;
let retry = 0;
let applied = '';

/** The filter as it stands in the address. */
function query() {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value.trim()) {
      parameters.set(name, value.trim());
    }
  }
  return parameters;
}

/** For tests: takes a message as the stream brings it. */
export function receive(message) {
  cutSince = null;
  showHead(message);
  if (message.start) {
    empty();
    missed = 0;
    waiting = [];
    passed.clear();
    show(message.start);
  }
  if (message.plots) {
    showPlots(message.plots);
  }
  const fresh = message.rows || [];
  const more = message.more || 0;
  if (paused) {
    hold(fresh, more);
  } else {
    if (more > 0) {
      gap(more, 'more, not shown');
    }
    show(fresh);
  }
  showEmptiness();
  showState();
}

function cut(why) {
  cutSince = cutSince || new Date();
  cutWhy = why;
  showState();
}

function connect() {
  clearTimeout(retry);
  if (stream) {
    stream.close();
  }
  const source = new EventSource(`/live/stream?${query()}`);
  stream = source;
  source.addEventListener('message', (event) => {
    if (source === stream) {
      receive(JSON.parse(event.data));
    }
  });
  source.addEventListener('error', () => {
    if (source !== stream) {
      return;
    }
    cut('');
    if (source.readyState === EventSource.CLOSED) {
      // Refused, as by a console that has as many pages open as it takes: the browser gives up, and we do not.
      retry = setTimeout(connect, 5000);
    }
  });
}

// The filter.

function address() {
  const parameters = query();
  if (opened) {
    parameters.set('open', opened);
  }
  const text = parameters.toString();
  history.replaceState(null, '', text ? `/?${text}` : '/');
}

function applyFilter() {
  const now = query().toString();
  markChips();
  if (now === applied) {
    return;
  }
  applied = now;
  address();
  document.getElementById('clear').hidden = now === '';
  // What the old filter let through is gone at once.
  empty();
  connect();
}

function markChips() {
  for (const field of form.querySelectorAll('input, select')) {
    field.closest('.chip').classList.toggle('set', field.value.trim() !== '');
  }
}

let typing = 0;
form.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(applyFilter, 250);
});
function applyNow() {
  clearTimeout(typing);
  applyFilter();
}

form.addEventListener('change', applyNow);
form.addEventListener('submit', (event) => {
  event.preventDefault();
  applyNow();
});

// A delivery beside the table.

let opened = '';
let loading = null;

function markOpened() {
  for (const tr of rows.children) {
    const link = tr.querySelector('a.open');
    tr.classList.toggle('current', Boolean(opened) && link?.getAttribute('href') === `/deliveries/${opened}`);
  }
}

function closeBeside() {
  const place = opened;
  opened = '';
  loading?.abort();
  beside.hidden = true;
  beside.replaceChildren();
  split.classList.remove('open');
  markOpened();
  address();
  [...rows.querySelectorAll('a.open')].find((link) => link.getAttribute('href') === `/deliveries/${place}`)?.focus();
}

async function openBeside(place, path) {
  opened = place;
  loading?.abort();
  loading = new AbortController();
  const { signal } = loading;
  split.classList.add('open');
  beside.hidden = false;
  markOpened();
  address();
  try {
    const nodes = await fragment(path, signal);
    const head = document.createElement('div');
    head.className = 'beside-head';
    const page = document.createElement('a');
    page.href = `/deliveries/${place}`;
    page.textContent = 'Open as a page';
    const close = document.createElement('button');
    close.type = 'button';
    close.textContent = 'Close';
    close.addEventListener('click', closeBeside);
    head.append(page, close);
    showButtons(nodes);
    beside.replaceChildren(head, nodes);
    beside.scrollTop = 0;
    say('The delivery is open beside the list');
  } catch (failure) {
    if (failure.name !== 'AbortError') {
      const sentence = document.createElement('p');
      sentence.className = 'problem';
      sentence.textContent = 'The delivery could not be loaded. Reload the page, or open the delivery as a page.';
      beside.replaceChildren(sentence);
    }
  }
}

function plain(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

rows.addEventListener('click', (event) => {
  const link = event.target.closest('tr')?.querySelector('a.open');
  if (!link || !plain(event) || String(getSelection())) {
    return;
  }
  const path = link.getAttribute('href');
  if (path.startsWith('/deliveries/') && WIDE.matches) {
    const place = path.slice('/deliveries/'.length);
    event.preventDefault();
    link.focus({ preventScroll: true });
    openBeside(place, path);
  } else if (!event.target.closest('a')) {
    location.assign(link.href);
  }
});

beside.addEventListener('click', (event) => {
  const link = event.target.closest('a[href]');
  const path = link?.getAttribute('href') || '';
  if (link?.closest('.tabs, .views') && path.startsWith(`/deliveries/${opened}?`) && plain(event)) {
    event.preventDefault();
    openBeside(opened, path);
  }
});

// Keys.

function move(step) {
  const links = [...rows.querySelectorAll('a.open')];
  if (links.length === 0) {
    return;
  }
  const at = links.findIndex((link) => link.closest('tr').contains(document.activeElement));
  const next = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step));
  links[next].focus();
}

document.addEventListener('keydown', (event) => {
  if (event.metaKey || event.ctrlKey || event.altKey || keys.open) {
    return;
  }
  const field = event.target.closest('input, select, textarea');
  if (event.key === 'Escape') {
    if (field) {
      field.blur();
    } else if (opened) {
      closeBeside();
    }
    return;
  }
  if (field) {
    return;
  }
  if (event.key === ' ' && !event.target.closest('button, summary')) {
    event.preventDefault();
    setPaused(!paused, 'user');
  } else if (event.key === '/') {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === 'j') {
    move(1);
  } else if (event.key === 'k') {
    move(-1);
  } else if (event.key === '?') {
    event.preventDefault();
    keys.showModal();
  }
});

pauseButton.hidden = false;
pauseButton.addEventListener('click', () => setPaused(!paused, 'user'));
document.getElementById('keys-open').hidden = false;
document.getElementById('keys-open').addEventListener('click', () => keys.showModal());
document.getElementById('apply').hidden = true;

document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    setPaused(true, 'hidden');
  } else if (pausedBy === 'hidden') {
    setPaused(false, '');
  }
});

// Begin.

for (const tr of rows.children) {
  byNumber.set(Number(tr.dataset.n), tr);
}
showTimes(rows);
markChips();
applied = query().toString();
const wanted = new URLSearchParams(location.search).get('open') || '';
if (/^[A-Za-z0-9._-]+\/\d+\/\d+$/.test(wanted) && WIDE.matches) {
  openBeside(wanted, `/deliveries/${wanted}`);
}
connect();

// What every page has: the theme, the zone of times, and copying. Without it the pages work, in UTC.

const root = document.documentElement;
const said = document.getElementById('said');

/** Says something to those who listen rather than look. */
export function say(text) {
  said.textContent = text;
}

function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}

function remembered(name) {
  const found = document.cookie.split('; ').find((each) => each.startsWith(`${name}=`));
  return found ? found.slice(name.length + 1) : '';
}

// The theme: as the system says, unless the user has switched.
const themes = ['auto', 'light', 'dark'];
const themeButton = document.getElementById('theme');
function showTheme() {
  themeButton.title = `Theme: ${root.dataset.theme}`;
  themeButton.setAttribute('aria-label', `Theme: ${root.dataset.theme}`);
}
themeButton.hidden = false;
showTheme();
themeButton.addEventListener('click', () => {
  const next = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
  root.dataset.theme = next;
  remember('penstock_theme', next);
  showTheme();
  say(`Theme: ${next}`);
});

// Times: one form, 24 h, milliseconds, the zone named.
const pad = (number, digits) => String(number).padStart(digits, '0');
const zoneName = new Intl.DateTimeFormat('en', { timeZoneName: 'shortOffset' });
let local = remembered('penstock_zone') === 'local';

/** A time as the user wants it. */
export function timeText(date) {
  if (!local) {
    return date.toISOString().replace('T', ' ').replace('Z', ' UTC');
  }
  const zone = zoneName.formatToParts(date).find((part) => part.type === 'timeZoneName').value;
  return `${date.getFullYear()}-${pad(date.getMonth() + 1, 2)}-${pad(date.getDate(), 2)} `
    + `${pad(date.getHours(), 2)}:${pad(date.getMinutes(), 2)}:${pad(date.getSeconds(), 2)}.`
    + `${pad(date.getMilliseconds(), 3)} ${zone}`;
}

/** Shows the times within an element as the user wants them; for what a module has added. */
export function showTimes(within = document) {
  for (const element of within.querySelectorAll('time.time')) {
    const date = new Date(element.dateTime);
    if (!Number.isNaN(date.getTime())) {
      element.textContent = timeText(date);
      element.title = 'Click to copy as ISO 8601';
    }
  }
}

const zoneButton = document.getElementById('zone');
function showZone() {
  zoneButton.textContent = local ? 'Local' : 'UTC';
  zoneButton.setAttribute('aria-label', `Times: ${local ? 'local' : 'UTC'}`);
  showTimes();
}
zoneButton.hidden = false;
showZone();
zoneButton.addEventListener('click', () => {
  local = !local;
  remember('penstock_zone', local ? 'local' : 'utc');
  showZone();
  say(`Times are ${local ? 'local' : 'UTC'}`);
  document.dispatchEvent(new CustomEvent('penstock:zone'));
});

/** Copies a text, and says so. */
export async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
    return true;
  } catch (refused) {
    say('The browser does not let this page copy: select the text instead');
    return false;
  }
}

// <button data-copy="id of an element">, hidden until here; and times.
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
}
document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-copy]');
  if (button) {
    const text = document.getElementById(button.dataset.copy).textContent;
    if (await copy(text, button.getAttribute('aria-label') || 'Text')) {
      const before = button.textContent;
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = before; }, 1500);
    }
    return;
  }
  const time = event.target.closest('time.time');
  if (time && !event.target.closest('a')) {
    copy(new Date(time.dateTime).toISOString(), 'Time');
  }
});

/** What a POST of a script must send in the header x-penstock-csrf. */
export function csrf() {
  return document.querySelector('meta[name="csrf"]').content;
}

// How the installation is, beside the link to Health: a mark and a word, never colour alone. And how many dead letters
// are open: nothing where that is not known.
const mark = document.getElementById('health-mark');
const letters = document.getElementById('letters-mark');
const marks = { good: '●', attention: '▲', bad: '✕' };
async function showHealth() {
  if (document.hidden) {
    return;
  }
  try {
    const response = await fetch('/health/mark', { credentials: 'same-origin' });
    if (response.ok) {
      const { style, word, letters: open } = await response.json();
      letters.textContent = open ? ` ${open}` : '';
      letters.title = open ? 'Of the last seven days, and not published since' : '';
      letters.hidden = !open;
      mark.className = style;
      mark.textContent = ` ${marks[style] || ''}`;
      mark.setAttribute('role', 'img');
      mark.setAttribute('aria-label', word);
      mark.hidden = false;
    }
  } catch (gone) {
    mark.hidden = true;
    letters.hidden = true;
  }
}
showHealth();
setInterval(showHealth, 15000);
document.addEventListener('visibilitychange', showHealth);

// One policy for markup: fragments that the server's templates made, and nothing else.
const policy = window.trustedTypes
  ? window.trustedTypes.createPolicy('penstock', { createHTML: (html) => html })
  : { createHTML: (html) => html };

/**
 * The main part of one of the console's own pages, as nodes to be put somewhere. The path must be one of ours: what
 * another site sends is never made into markup.
 */
export async function fragment(path, signal) {
  const address = new URL(path, location.href);
  if (address.origin !== location.origin) {
    throw new Error('not a page of the console');
  }
  const response = await fetch(address, { headers: { accept: 'text/html' }, signal, credentials: 'same-origin' });
  if (response.url && new URL(response.url).origin !== location.origin) {
    throw new Error('not a page of the console');
  }
  const type = response.headers.get('content-type') || '';
  if (!type.startsWith('text/html')) {
    throw new Error('not a page');
  }
  const page = new DOMParser().parseFromString(policy.createHTML(await response.text()), 'text/html');
  const main = page.querySelector('main');
  const nodes = document.createDocumentFragment();
  nodes.append(...document.adoptNode(main).childNodes);
  showTimes(nodes);
  return nodes;
}

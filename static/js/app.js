// SoPro · the script of every page. All pages work without it; nothing here writes inline styles.
// The larger parts are modules that load where a page asks for them. Each exports start(tools).
const version = new URL(import.meta.url).search;

const all = (query, root = document) => [...root.querySelectorAll(query)];

/** The words of a part: English defaults, replaced by the translated ones in its data-i18n. */
const words = (el, defaults) => {
  try { return { ...defaults, ...JSON.parse(el.dataset.i18n || '{}') }; } catch { return defaults; }
};

/** "{n} photos" with { n: 3 } */
const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');

/** An element with attributes (null and false are left out, true is an empty one), listeners (on…) and children. */
const make = (name, attributes = {}, ...children) => {
  const el = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') el.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) el.setAttribute(key, value === true ? '' : value);
  }
  el.append(...children.filter((c) => c !== null && c !== undefined && c !== false));
  return el;
};

const SVG = 'http://www.w3.org/2000/svg';
const icon = (name, cls = '') => {
  const svg = document.createElementNS(SVG, 'svg'), use = document.createElementNS(SVG, 'use');
  svg.setAttribute('class', `icon ${cls}`); svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `${new URL('../icons/sprite.svg', import.meta.url)}${version}#${name}`);
  svg.append(use);
  return svg;
};

const debounce = (run, wait) => { let t; return (...args) => { clearTimeout(t); t = setTimeout(() => run(...args), wait); }; };

/** Sets a field and lets everyone who listens know; radio buttons of one name come as a list. */
const fill = (field, value) => {
  if (!field || field.value === String(value)) return;
  field.value = value;
  const input = field instanceof RadioNodeList ? [...field].find((one) => one.checked) : field;
  if (!input) return;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
};

/** Speaks to screen readers. */
const tell = (text) => {
  let box = document.getElementById('said');
  if (!box) document.body.append(box = make('div', { id: 'said', class: 'visually-hidden', 'aria-live': 'polite' }));
  box.textContent = ''; setTimeout(() => (box.textContent = text), 60);
};

const tools = { all, words, say, make, icon, debounce, fill, tell, version };
const text = words(document.body, { yes: 'Yes', cancel: 'Cancel', sure: 'Are you sure?' });

// larger parts
for (const [query, file] of [['[data-map]', 'map'], ['[data-suggest]', 'suggest'], ['[data-photos]', 'photos'], ['[data-live-url]', 'live'], ['[data-tree]', 'tree']]) {
  if (document.querySelector(query)) import(`./${file}.js${version}`).then((part) => part.start(tools));
}

// dialogs: <button data-opens="id">, closed by <button value> in form[method=dialog] or <button data-closes>
for (const b of all('[data-opens]')) b.addEventListener('click', (e) => { e.preventDefault(); document.getElementById(b.dataset.opens).showModal(); });
for (const b of all('[data-closes]')) b.addEventListener('click', () => b.closest('dialog').close());

// questions: <button data-confirm="sentence" data-confirm-title data-confirm-yes> asks before it acts
for (const b of all('[data-confirm]')) b.addEventListener('click', (e) => {
  if (b.dataset.confirmed) return void delete b.dataset.confirmed;
  e.preventDefault(); e.stopImmediatePropagation();
  const d = b.dataset, refuse = b.classList.contains('button--refuse');
  const box = make('dialog', { 'aria-labelledby': 'sure-h', 'aria-describedby': 'sure-t', onclose: () => {
    const yes = box.returnValue === 'yes';
    box.remove(); b.focus();
    if (yes) { d.confirmed = '1'; b.click(); }
  } }, make('form', { method: 'dialog', class: 'dialog__in' },
    make('h2', { id: 'sure-h' }, d.confirmTitle || text.sure), make('p', { id: 'sure-t' }, d.confirm),
    make('div', { class: 'row' },
      make('button', { type: 'submit', value: 'yes', class: `button ${refuse ? 'button--refuse' : 'button--main'}` }, d.confirmYes || b.textContent.trim() || text.yes),
      make('button', { type: 'submit', value: '', class: 'button button--quiet', autofocus: true }, text.cancel))));
  document.body.append(box); box.showModal();
}, true);

// toasts: <button data-toast="id"> shows a popover for six seconds
for (const b of all('[data-toast]')) b.addEventListener('click', () => {
  const t = document.getElementById(b.dataset.toast);
  t.showPopover(); setTimeout(() => t.hidePopover(), 6000);
});

// forms: sent once. The button says that it works; data-again leaves a form free (downloads).
const rest = (form) => { delete form.dataset.sent; all('[aria-busy="true"]', form).forEach((b) => b.removeAttribute('aria-busy')); };
document.addEventListener('submit', (e) => {
  const form = e.target;
  if (e.defaultPrevented || form.method === 'dialog' || form.target || 'again' in form.dataset) return;
  if (form.dataset.sent) { e.preventDefault(); return; }
  form.dataset.sent = '1'; e.submitter?.setAttribute('aria-busy', 'true');
  setTimeout(() => rest(form), 15000);
});
addEventListener('pageshow', (e) => { if (e.persisted) all('form[data-sent]').forEach(rest); });

// unsaved work: <form data-guard> asks before the page is left
for (const form of all('form[data-guard]')) {
  let touched = 'guardDirty' in form.dataset;
  form.addEventListener('input', () => (touched = true));
  form.addEventListener('change', () => (touched = true));
  addEventListener('beforeunload', (e) => { if (touched && !form.dataset.sent) e.preventDefault(); });
}

// a choice shows what belongs to it: <div data-show-when="name=value"> (or name=a|b, or name for a checkbox)
for (const part of all('[data-show-when]')) {
  const [name, values] = part.dataset.showWhen.split('='), form = part.closest('form') ?? document;
  const look = () => {
    const on = all(`[name="${name}"]`, form).filter((i) => (i.type === 'radio' || i.type === 'checkbox' ? i.checked : i.value)).map((i) => i.value);
    part.hidden = values === undefined ? !on.length : !values.split('|').some((v) => on.includes(v));
  };
  form.addEventListener('change', look); look();
}

// a list's order or a filter takes effect at once: <select data-auto>
for (const s of all('[data-auto]')) s.addEventListener('change', () => s.form.requestSubmit());

// the summary of errors takes the focus
document.querySelector('[data-focus]')?.focus();
for (const a of all('[data-focus] a[href^="#"]')) a.addEventListener('click', (e) => {
  const el = document.getElementById(decodeURIComponent(a.hash.slice(1)));
  if (!el) return;
  e.preventDefault();
  for (let d = el.closest('details'); d; d = d.parentElement.closest('details')) d.open = true;
  (el.matches('input:not([type=hidden]), select, textarea') ? el : el.querySelector('input:not([type=hidden]), select, textarea'))?.focus({ preventScroll: true });
  el.closest('.field, fieldset')?.scrollIntoView({ block: 'center' });
});

// menus close on outside click, on Escape and when the focus leaves
const closeMenus = (except) => all('.menu[open]').forEach((d) => d !== except && (d.open = false));
document.addEventListener('click', (e) => closeMenus(e.target.closest('.menu')));
document.addEventListener('focusin', (e) => closeMenus(e.target.closest('.menu')));
document.addEventListener('keydown', (e) => {
  if (e.key !== 'Escape') return;
  const d = document.querySelector('.menu[open]');
  if (d) { d.open = false; d.querySelector('summary').focus(); }
});

// filters are open where there is room
const wide = matchMedia('(width >= 62rem)');
const spread = () => all('[data-open-wide]').forEach((d) => (d.open = wide.matches));
spread(); wide.addEventListener('change', spread);

// a range says its value: <input type="range" data-output="id">, <output id data-unit=" km">
for (const r of all('[data-output]')) {
  const o = document.getElementById(r.dataset.output);
  const show = () => (o.value = r.value + (o.dataset.unit ?? ''));
  r.addEventListener('input', show); show();
}

// gallery: thumbnails are links to the large picture
for (const a of all('[data-gallery] a')) a.addEventListener('click', (e) => {
  e.preventDefault();
  const big = document.getElementById(a.closest('[data-gallery]').dataset.gallery);
  big.removeAttribute('srcset'); big.src = a.href; big.alt = a.querySelector('img').alt;
  all('a', a.closest('[data-gallery]')).forEach((x) => (x === a ? x.setAttribute('aria-current', 'true') : x.removeAttribute('aria-current')));
});

// back, print, copy
for (const b of all('[data-back]')) { b.hidden = history.length < 2; b.addEventListener('click', () => history.back()); }
for (const b of all('[data-print]')) b.addEventListener('click', () => print());
for (const b of all('[data-copy]')) b.addEventListener('click', async () => {
  await navigator.clipboard.writeText(b.dataset.copy);
  if (b.dataset.copied) { b.lastChild.textContent = b.dataset.copied; tell(b.dataset.copied); }
});

// broker desk: arrow keys move through the radio group by themselves; we show the matching panel.
// Keys of one letter press the [data-key] button of the panel; [data-keys-toggle] (a checkbox) turns them off.
const desk = document.querySelector('[data-desk]');
if (desk) {
  const name = desk.dataset.desk || 'proposal';
  const chosen = () => desk.querySelector(`[name="${name}"]:checked`);
  const show = () => {
    const on = chosen();
    if (!on) return;
    all('[data-panel]').forEach((p) => (p.hidden = p.dataset.panel !== on.value));
    all('tbody tr', desk).forEach((tr) => tr.toggleAttribute('data-active', tr.contains(on)));
    document.dispatchEvent(new CustomEvent('map:focus', { detail: on.closest('tr') }));
  };
  desk.addEventListener('change', (e) => {
    if (e.target.name !== name) return;
    show();
    if (!matchMedia('(width >= 76rem)').matches) document.querySelector('.desk__panel')?.scrollIntoView();
  });
  show();
  const toggle = document.querySelector('[data-keys-toggle]');
  if (toggle) {
    toggle.checked = localStorage.getItem('keys') !== 'off';
    toggle.addEventListener('change', () => localStorage.setItem('keys', toggle.checked ? 'on' : 'off'));
  }
  document.addEventListener('keydown', (e) => {
    if (e.target.matches('input:not([type=radio]), textarea, select, [contenteditable]') || document.querySelector('dialog[open]') || e.ctrlKey || e.metaKey || e.altKey) return;
    if (localStorage.getItem('keys') === 'off') return;
    const key = e.key.toLowerCase();
    if (/^[a-z]$/.test(key)) {
      const act = document.querySelector(`[data-panel]:not([hidden]) [data-key="${key}"]`);
      if (act) { e.preventDefault(); act.click(); }
    }
    const search = document.getElementById('desk-q');
    if (key === '/' && search) { e.preventDefault(); search.focus(); }
  });
}

// SoPro · suggestions while typing: a combobox after the ARIA pattern. Without it the input is a plain text field.
let count = 0;

function one(input, { words, say, make, icon, debounce, fill, tell }) {
  const d = input.dataset, form = input.form, multi = d.suggestMulti;
  const text = words(input, { none: 'Nothing found', found: '{n} suggestions', remove: 'Remove {label}', failed: 'Suggestions are not available now' });
  const target = d.suggestTarget ? document.getElementById(d.suggestTarget) : null;
  const id = `suggest-${++count}`, least = +(d.suggestMin ?? 2);
  const list = make('ul', { id, role: 'listbox', class: 'suggest__list plain', hidden: true, 'aria-label': input.labels?.[0]?.textContent.trim() || input.getAttribute('aria-label') || '' });
  const box = make('div', { class: 'suggest' });
  input.replaceWith(box); box.append(input, list);
  for (const [k, v] of Object.entries({ role: 'combobox', autocomplete: 'off', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id, spellcheck: 'false' })) input.setAttribute(k, v);

  let items = [], at = -1, asked = null, settled = input.value;

  const close = () => {
    list.hidden = true; at = -1;
    input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant');
  };
  const mark = (n) => {
    at = n;
    [...list.children].forEach((li, i) => li.setAttribute('aria-selected', String(i === n)));
    if (n < 0) return input.removeAttribute('aria-activedescendant');
    input.setAttribute('aria-activedescendant', `${id}-${n}`);
    list.children[n].scrollIntoView({ block: 'nearest' });
  };
  const open = () => {
    list.replaceChildren(...items.map((item, i) => make('li', { id: `${id}-${i}`, role: 'option', 'aria-selected': 'false', onmousedown: (e) => e.preventDefault(), onclick: () => choose(item) },
      make('span', {}, item.label), item.hint ? make('small', {}, item.hint) : null)));
    if (!items.length) return close();
    list.hidden = false; at = -1; input.setAttribute('aria-expanded', 'true');
  };
  const ask = debounce(async () => {
    const q = input.value.trim();
    asked?.abort();
    if (q.length < least || q === settled) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(d.suggest + encodeURIComponent(q), { signal: asked.signal, headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      items = (await answer.json()).items;
      if (document.activeElement !== input) return;
      open(); tell(items.length ? say(text.found, { n: items.length }) : text.none);
    } catch (e) {
      if (e.name !== 'AbortError') { close(); tell(text.failed); }
    }
  }, 180);

  // many: what is chosen becomes a chip with a hidden input; the server may have rendered some already
  const chips = multi ? (document.getElementById(d.suggestChips) ?? box.parentNode.insertBefore(make('ul', { class: 'plain row row--tight suggest__chips' }), box)) : null;
  const arm = (li, label) => {
    const b = li.querySelector('button') ?? li.appendChild(make('button', { type: 'button', class: 'chip__x' }, icon('x')));
    b.setAttribute('aria-label', say(text.remove, { label }));
    b.addEventListener('click', () => { li.remove(); input.focus(); input.dispatchEvent(new Event('change', { bubbles: true })); });
  };
  for (const li of chips?.children ?? []) arm(li, li.textContent.trim());
  const add = (item) => {
    if ([...chips.querySelectorAll('input')].some((i) => i.value === String(item.value))) return;
    const li = make('li', { class: 'chip chip--on' }, make('span', {}, item.label), make('input', { type: 'hidden', name: multi, value: item.value }));
    arm(li, item.label); chips.append(li);
  };

  const place = (item) => {
    const prefix = d.placePrefix;
    const names = { postal_code: item.postal_code, city: item.city, country: item.country, latitude: item.latitude, longitude: item.longitude };
    for (const [name, value] of Object.entries(names)) {
      const field = form?.elements.namedItem(prefix + name);
      if (value === undefined || value === null) continue;
      if (field === input) input.value = settled = value; else fill(field, value);
    }
  };
  const choose = (item) => {
    close();
    if (multi) { add(item); input.value = settled = ''; } else { input.value = settled = item.label; }
    if (target) fill(target, item.value);
    if ('placePrefix' in d) place(item);
    input.dispatchEvent(new CustomEvent('suggest:chosen', { bubbles: true, detail: item }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
    if ('suggestSubmit' in d) form?.requestSubmit();
  };

  input.addEventListener('input', () => {
    if (target && input.value !== settled) fill(target, '');   // what is typed anew is not yet chosen
    if (input.value !== settled) settled = null;
    ask();
  });
  input.addEventListener('keydown', (e) => {
    const shown = !list.hidden, n = items.length;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
      e.preventDefault();
      if (!shown) { if (n) open(); else { settled = null; ask(); } return; }
      mark(e.key === 'ArrowDown' ? (at + 1) % n : (at <= 0 ? n : at) - 1);
    } else if (e.key === 'Enter' && shown) {
      e.preventDefault(); if (at >= 0) choose(items[at]); else if (n === 1) choose(items[0]); else close();
    } else if (e.key === 'Enter' && multi) e.preventDefault();
    else if (e.key === 'Escape' && shown) { e.preventDefault(); e.stopPropagation(); close(); }
    else if (e.key === 'Tab' && shown && at >= 0) choose(items[at]);
    else if (e.key === 'Backspace' && multi && !input.value) chips.lastElementChild?.querySelector('button').click();
  });
  input.addEventListener('blur', () => { asked?.abort(); setTimeout(close, 120); });
}

export function start(tools) { tools.all('[data-suggest]').forEach((input) => one(input, tools)); }

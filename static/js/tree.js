// SoPro · a tree of checkboxes: filter, marks on the way up ("some below"), and how many are chosen.
// A group covers all below it; something below may be chosen beside its group, since the exact word fits better.
export function start({ all, words, say, make, debounce, tell }) {
  for (const tree of all('[data-tree]')) {
    const text = words(tree, { filter: 'Filter', chosen: '{n} chosen', none: 'Nothing chosen', nothing: 'Nothing found', found: '{n} found' });
    const nodes = all('li', tree).map((li) => {
      const own = li.querySelector(':scope > label, :scope > details > summary label');
      return { li, box: own?.querySelector('input'), name: (own?.textContent ?? '').trim(), details: li.querySelector(':scope > details') };
    }).filter((n) => n.box);
    const below = (n) => nodes.filter((m) => m !== n && n.li.contains(m.li));
    const opened = new Map(nodes.map((n) => [n, n.details?.open]));
    const sum = make('output', { class: 'small muted' }), none = make('p', { class: 'muted small', hidden: true }, text.nothing);
    const box = make('input', { type: 'search', class: 'tree__filter', 'aria-label': text.filter, placeholder: text.filter, autocomplete: 'off' });
    tree.before(make('div', { class: 'tree__head' }, box, sum)); tree.after(none);

    const mark = () => {
      const on = nodes.filter((n) => n.box.checked);
      for (const n of nodes) {
        n.box.indeterminate = !n.box.checked && below(n).some((m) => m.box.checked);
        n.li.toggleAttribute('data-covered', on.some((m) => m !== n && m.li.contains(n.li)));
      }
      sum.value = on.length ? say(text.chosen, { n: on.length }) : text.none;
    };
    const plain = (s) => s.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
    const filter = () => {
      const q = plain(box.value.trim());
      const hits = new Set(nodes.filter((n) => !q || plain(n.name).includes(q) || plain(n.li.dataset.words ?? '').includes(q)));
      for (const n of nodes) {
        const inside = below(n).some((m) => hits.has(m)), over = nodes.some((m) => m !== n && hits.has(m) && m.li.contains(n.li));
        n.li.hidden = !!q && !hits.has(n) && !inside && !over;
        if (n.details) n.details.open = q ? inside : opened.get(n);
      }
      none.hidden = !q || hits.size > 0;
      if (q) tell(say(text.found, { n: hits.size }));
    };
    for (const n of nodes) n.details?.addEventListener('toggle', () => { if (!box.value.trim()) opened.set(n, n.details.open); });
    // a group with something chosen below it opens
    for (const n of nodes) if (n.details && below(n).some((m) => m.box.checked)) { n.details.open = true; opened.set(n, true); }
    box.addEventListener('input', debounce(filter, 120));
    box.addEventListener('keydown', (e) => { if (e.key === 'Enter') e.preventDefault(); if (e.key === 'Escape' && box.value) { e.stopPropagation(); box.value = ''; filter(); } });
    for (const e of ['input', 'change']) box.addEventListener(e, (x) => x.stopPropagation());   // the filter is no part of the form
    tree.addEventListener('change', mark);
    mark();
  }
}

// SoPro · while a form is filled: how many can use it, what it weighs, what the law calls it.
const FIELDS = 'kind material material_text techniques techniques_text quantity unit mass_kg work_hours recurrence available_from available_until condition hazardous waste_code work_place site postal_code city country latitude longitude located';

export function start({ all, debounce, fill }) {
  for (const form of all('form[data-live-url]')) {
    const names = (form.dataset.liveFields ?? FIELDS).split(/[\s,]+/);
    let asked = null, before = null;
    const put = (query, text) => all(query, form.ownerDocument).forEach((el) => {
      if (el instanceof HTMLOutputElement) el.value = text ?? ''; else el.textContent = text ?? '';
    });
    const ask = async () => {
      const query = new URLSearchParams();
      for (const [name, value] of new FormData(form)) {
        if (!names.includes(name) || typeof value !== 'string' || !value) continue;
        query.append(name, /^(latitude|longitude)$/.test(name) ? (+value).toFixed(3) : value);
      }
      if (query.toString() === before) return;
      before = query.toString();
      asked?.abort(); asked = new AbortController();
      const boxes = all('[data-live-box]');
      boxes.forEach((b) => b.setAttribute('aria-busy', 'true'));
      try {
        const url = new URL(form.dataset.liveUrl, location.href);
        url.search = query;
        const answer = await fetch(url, { signal: asked.signal, headers: { Accept: 'application/json' } });
        if (!answer.ok) throw new Error(String(answer.status));
        const said = await answer.json();
        put('[data-live-count]', said.count); put('[data-live-text]', said.text); put('[data-live-mass]', said.mass_text);
        all('[data-live-mass]').forEach((el) => (el.hidden = !said.mass_text));
        all('[data-live-waste]').forEach((el) => {
          if (!(el instanceof HTMLInputElement)) { el.textContent = said.waste_code ?? ''; el.hidden = !said.waste_code; }
          else if (said.waste_code && (!el.value || el.value === el.dataset.proposed)) { el.dataset.proposed = said.waste_code; fill(el, said.waste_code); }
        });
        all('[data-live-hazard]').forEach((el) => (el.hidden = !said.hazardous));
        boxes.forEach((b) => { b.hidden = said.count === null || said.count === undefined; b.removeAttribute('aria-busy'); });
        form.dispatchEvent(new CustomEvent('live:said', { bubbles: true, detail: said }));
      } catch (e) {
        if (e.name !== 'AbortError') { before = null; boxes.forEach((b) => b.removeAttribute('aria-busy')); }
      }
    };
    const later = debounce(ask, 400);
    form.addEventListener('input', later); form.addEventListener('change', later);
    ask();
  }
}

// SoPro · the pins of a map: those of a list in the page, and where data-view names an address, those of the section that is shown.
const NEAR = 46, SAME = 6, SINGLE_FROM = 13;

// the two nearest groups merge until none is closer than that many px
function merged(map, spots, px) {
  const g = spots.map((s) => ({ p: map.project(s.at), n: s.n, of: [s] }));
  for (let again = true; again;) {
    again = false;
    for (let i = 0; i < g.length; i++) for (let j = g.length - 1; j > i; j--) {
      const a = g[i], b = g[j], n = a.n + b.n;
      if (a.p.distanceTo(b.p) >= px) continue;
      g[i] = { p: a.p.multiplyBy(a.n).add(b.p.multiplyBy(b.n)).divideBy(n), n, of: [...a.of, ...b.of] };
      g.splice(j, 1); again = true;
    }
  }
  return g;
}

const number = (s) => { const v = parseFloat(s); return Number.isFinite(v) ? v : null; };
const cardsOf = (source) => [...source?.querySelectorAll('[data-lat]') ?? []]
  .map((el) => ({ el, n: 1, at: [number(el.dataset.lat), number(el.dataset.lon)], title: el.dataset.title, kind: el.dataset.kind, url: el.querySelector('a')?.getAttribute('href') }))
  .filter((s) => s.at[0] !== null && s.at[1] !== null);

export function pinned(box, map, pins, text, pinIcon, still, tools) {
  const { L } = window, { make, say, debounce } = tools;
  const cards = cardsOf(box.dataset.map ? document.querySelector(box.dataset.map) : null);
  let spots = cards, shown = new Map(), active = null;

  const light = () => shown.forEach((marker, s) => marker.getElement()?.classList.toggle('is-active', active !== null && marker === shown.get(active)));
  const aim = (s) => { active = s; cards.forEach((c) => c.el.toggleAttribute('data-active', s !== null && c.el === s.el)); light(); };
  const spotOf = (card) => spots.find((s) => s.el === card.el)
    ?? spots.reduce((best, s) => (!best || map.distance(s.at, card.at) < map.distance(best.at, card.at) ? s : best), null);

  const open = (at, of) => {
    const items = of.map((s) => make('li', {}, s.thumb ? make('img', { src: s.thumb, alt: '', width: 48, height: 36 }) : null, make('a', { href: s.url }, s.title)));
    const content = make('ul', { class: 'plain map__list' }, ...items);
    L.popup({ closeButton: false, offset: [0, -18], maxHeight: 160 }).setLatLng(at).setContent(content).openOn(map);
    content.addEventListener('keydown', (e) => { if (e.key === 'Escape') { e.stopPropagation(); map.closePopup(); focus(L.latLng(at)); } });
    content.querySelector('a')?.focus({ preventScroll: true });
  };
  // Leaflet calls a marker a button, but lets only the mouse press it
  const pressed = (marker, run) => marker.on('click', run).getElement().addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' && e.key !== ' ') return;
    e.preventDefault(); e.stopPropagation(); run();
  });
  const whole = ({ p, n, of }) => {
    const at = map.unproject(p);
    const come = () => {
      if (of.some((s) => s.n > 1)) return map.setView(at, Math.min(map.getZoom() + 2, map.getMaxZoom()), { animate: !still });
      if (map.getZoom() >= Math.min(SINGLE_FROM, map.getMaxZoom())) return open(at, of.filter((s) => s.url));
      return map.flyToBounds(L.latLngBounds(of.map((s) => s.at)).pad(0.4), { animate: !still, maxZoom: SINGLE_FROM });
    };
    const size = n < 100 ? 38 : n < 10000 ? 46 : 58;
    const count = n.toLocaleString(document.documentElement.lang);
    const marker = L.marker(at, { title: say(text.entries, { n: count }), icon: L.divIcon({ className: 'cluster', html: count, iconSize: [size, size] }) }).addTo(pins);
    pressed(marker, come);
    return marker;
  };
  const single = (s) => {
    const go = () => {
      if (!s.el) return open(s.at, [s]);
      if (s.el.hidden) return;
      s.el.scrollIntoView({ block: 'center' }); s.el.querySelector('a')?.focus({ preventScroll: true });
    };
    const marker = L.marker(s.at, { title: s.title, riseOnHover: true, icon: pinIcon(s.kind) }).on('mouseover', () => aim(s)).on('mouseout', () => aim(null)).addTo(pins);
    pressed(marker, go);
    marker.getElement().addEventListener('focus', () => aim(s)); marker.getElement().addEventListener('blur', () => aim(null));
    return marker;
  };
  const gather = () => {
    const held = [...shown.values()].find((marker) => marker.getElement() === document.activeElement)?.getLatLng();
    pins.clearLayers(); shown = new Map();
    for (const group of merged(map, spots, map.getZoom() < SINGLE_FROM ? NEAR : SAME)) {
      const marker = group.n > 1 ? whole(group) : single(group.of[0]);
      group.of.forEach((s) => shown.set(s, marker));
    }
    if (held) focus(held);
    light();
  };
  // who stood on a pin stands on what took its place
  const focus = (at) => {
    const px = (marker) => map.latLngToLayerPoint(marker.getLatLng()).distanceTo(map.latLngToLayerPoint(at));
    const next = [...shown.values()].reduce((best, marker) => (!best || px(marker) < px(best) ? marker : best), null);
    (next && px(next) < NEAR ? next.getElement() : map.getContainer()).focus({ preventScroll: true });
  };
  for (const card of cards) {
    for (const e of ['mouseenter', 'focusin']) card.el.addEventListener(e, () => aim(spotOf(card)));
    for (const e of ['mouseleave', 'focusout']) card.el.addEventListener(e, () => aim(null));
  }
  map.on('zoomend', gather); gather();
  if ('fit' in box.dataset && spots.length) map.fitBounds(L.latLngBounds(spots.map((s) => s.at)), { padding: [40, 40], maxZoom: 11, animate: false });
  if (!box.dataset.view) return;

  // the section that is shown, asked for anew whenever it has come to rest
  const note = box.appendChild(make('p', { class: 'map__more', role: 'status' }));
  const known = new Map(cards.map((c) => [c.url, c]));
  const spot = ({ geometry: { coordinates: [lon, lat] }, properties: p }) => (p.count ? { n: p.count, at: [lat, lon] } : { ...known.get(p.url), ...p, n: 1, at: [lat, lon] });
  let running = null;
  const ask = async () => {
    running?.abort(); running = new AbortController();
    const b = map.getBounds().pad(0.15), address = new URL(box.dataset.view, location.href);
    const part = { west: b.getWest(), south: Math.max(b.getSouth(), -90), east: b.getEast(), north: Math.min(b.getNorth(), 90), zoom: map.getZoom() };
    for (const [name, value] of Object.entries(part)) address.searchParams.set(name, name === 'zoom' ? value : value.toFixed(4));
    try {
      const answer = await fetch(address, { signal: running.signal });
      if (!answer.ok) return;
      const found = await answer.json();
      spots = found.features.map(spot); active = null;
      note.textContent = found.more ? text.more : '';
      gather();
    } catch (e) { if (e.name !== 'AbortError') note.textContent = text.failed; }
  };
  map.on('moveend', debounce(ask, 200)); ask();
}

// SoPro · photos: sent one by one while the form is filled. Without it the file input sends them with the form.
export function start({ all, words, say, make, icon, tell }) {
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? '';

  for (const box of all('[data-photos]')) {
    const d = box.dataset, max = +(d.max ?? 12), name = d.name || 'photos', form = box.closest('form');
    const text = words(box, {
      alt: 'What is to be seen?', alt_hint: '', remove: 'Remove photo {n}', earlier: 'Move photo {n} forward', later: 'Move photo {n} back', first: 'Title photo', retry: 'Try again',
      sending: 'Photo is being sent', sent: 'Photo {n} has been sent', failed: 'The photo could not be sent. Is there a connection?', full: 'No more than {n} photos', moved: 'Photo is now number {n} of {of}', removed: 'Photo removed', wait: 'The photos are still being sent; then it goes on by itself.', big: 'The photo is too large.',
    });
    const input = box.querySelector('input[type=file]'), drop = input.closest('label') ?? input;
    input.removeAttribute('name'); input.required = false; box.setAttribute('data-ready', '');
    const list = box.querySelector('ol') ?? make('ol', { class: 'plain photos' });
    const note = make('p', { class: 'field__error', role: 'alert', hidden: true });
    if (!list.isConnected) drop.before(list);
    box.append(note);

    const items = () => [...list.children];
    const open = () => items().filter((li) => li.dataset.state === 'wait' || li.dataset.state === 'send');
    const problem = (sentence) => { note.replaceChildren(...(sentence ? [icon('triangle-alert'), sentence] : [])); note.hidden = !sentence; };
    const changed = () => { form?.dispatchEvent(new Event('change', { bubbles: true })); number(); };

    function number() {
      items().forEach((li, i, every) => {
        const n = i + 1;
        li.querySelector('[data-act=earlier]').disabled = i === 0;
        li.querySelector('[data-act=later]').disabled = n === every.length;
        for (const act of ['earlier', 'later', 'remove']) li.querySelector(`[data-act=${act}]`).setAttribute('aria-label', say(text[act], { n }));
        li.querySelector('.photos__first').hidden = i > 0;
        li.querySelector('.photos__alt input')?.setAttribute('aria-label', `${text.alt} ${n}`);
      });
      drop.hidden = items().length >= max;
    }
    const move = (li, by) => {
      const at = items(), to = at.indexOf(li) + by;
      if (to < 0 || to >= at.length) return;
      if (by < 0) at[to].before(li); else at[to].after(li);
      changed(); tell(say(text.moved, { n: to + 1, of: at.length }));
    };
    const act = (what, symbol, run) => make('button', { type: 'button', class: 'button button--quiet button--icon', 'data-act': what, onclick: run }, icon(symbol));
    const remove = (li) => {
      const next = li.nextElementSibling ?? li.previousElementSibling;
      li.request?.abort(); li.remove();
      changed(); tell(text.removed); problem('');
      (next?.querySelector('[data-act=remove]') ?? input).focus();
      go();
    };

    /** What every photo has, old or new: the picture, its place in the row, the way out. */
    function equip(li) {
      const picture = li.querySelector('img');
      picture.draggable = false;
      const ctl = make('div', { class: 'photos__acts' });
      ctl.append(
        act('earlier', 'chevron-left', (e) => { move(li, -1); if (e.currentTarget.disabled) li.querySelector('[data-act=later]').focus(); else e.currentTarget.focus(); }),
        act('later', 'chevron-right', (e) => { move(li, 1); if (e.currentTarget.disabled) li.querySelector('[data-act=earlier]').focus(); else e.currentTarget.focus(); }),
        act('remove', 'trash-2', () => remove(li)));
      li.querySelector('noscript, .photos__plain')?.remove();
      li.append(ctl, make('span', { class: 'badge photos__first' }, text.first));
      picture.addEventListener('pointerdown', (e) => {
        if (e.pointerType === 'mouse' && e.button) return;
        const before = items().indexOf(li);
        const step = (m) => {
          const over = document.elementFromPoint(m.clientX, m.clientY)?.closest('li');
          if (!over || over === li || over.parentNode !== list) return;
          const r = over.getBoundingClientRect();
          if (items().indexOf(over) > items().indexOf(li)) { if (m.clientX > r.left + r.width / 3 || m.clientY > r.bottom - r.height / 3) over.after(li); }
          else if (m.clientX < r.right - r.width / 3 || m.clientY < r.top + r.height / 3) over.before(li);
        };
        const end = () => {
          picture.removeEventListener('pointermove', step); li.removeAttribute('data-drag');
          if (items().indexOf(li) !== before) { changed(); tell(say(text.moved, { n: items().indexOf(li) + 1, of: items().length })); }
        };
        picture.setPointerCapture(e.pointerId); li.setAttribute('data-drag', '');
        picture.addEventListener('pointermove', step);
        picture.addEventListener('lostpointercapture', end, { once: true });
      });
    }
    /** A photo that the server has. */
    function keep(li, id, alt) {
      li.dataset.state = 'kept'; li.dataset.photoId = id;
      if (!li.querySelector('input[type=hidden]')) li.append(make('input', { type: 'hidden', name, value: id }));
      if (!li.querySelector('.photos__alt')) li.append(make('label', { class: 'photos__alt' }, make('input', { type: 'text', name: `alt-${id}`, value: alt ?? '', maxlength: 200, placeholder: text.alt })));
      li.querySelector('.photos__state')?.remove();
    }

    /** Large pictures are made smaller before they travel (data-shrink="2400"); what cannot be read goes as it is. */
    async function shrunk(file) {
      const edge = +(d.shrink ?? 0);
      if (!edge || file.size < 1.5e6) return file;
      try {
        const picture = await createImageBitmap(file, { imageOrientation: 'from-image' }), by = Math.min(1, edge / Math.max(picture.width, picture.height));
        const canvas = Object.assign(document.createElement('canvas'), { width: Math.round(picture.width * by), height: Math.round(picture.height * by) });
        canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
        const small = await new Promise((ok) => canvas.toBlob(ok, 'image/jpeg', 0.88));
        return small && small.size < file.size ? new File([small], file.name.replace(/\.\w+$/, '.jpg'), { type: 'image/jpeg' }) : file;
      } catch { return file; }
    }

    async function send(li) {
      li.dataset.state = 'send';
      const bar = make('progress', { max: 100, value: 0, 'aria-label': text.sending });
      const state = li.querySelector('.photos__state');
      state.replaceChildren(bar);
      const fail = (sentence) => {
        li.dataset.state = 'failed';
        state.replaceChildren(make('p', { class: 'field__error', role: 'alert' }, sentence || text.failed), make('button', { type: 'button', class: 'button button--s', onclick: () => { li.dataset.state = 'wait'; problem(''); go(); } }, icon('refresh-cw'), text.retry));
        go();
      };
      const data = new FormData();
      data.append('file', await shrunk(li.file));
      if (!li.isConnected) return;
      const request = (li.request = new XMLHttpRequest());
      request.open('POST', d.uploadUrl);
      request.setRequestHeader('X-CSRFToken', token); request.setRequestHeader('Accept', 'application/json');
      request.upload.addEventListener('progress', (e) => { if (e.lengthComputable) bar.value = Math.min(95, (e.loaded / e.total) * 100); });
      request.addEventListener('error', () => fail()); request.addEventListener('timeout', () => fail());
      request.addEventListener('load', () => {
        let said = {};
        try { said = JSON.parse(request.responseText); } catch { /* no sentence: ours is said */ }
        if (request.status !== 201 || said.id === undefined) return fail(said.error ?? (request.status === 413 ? text.big : ''));
        const url = li.querySelector('img').src;
        if (said.thumb) { li.querySelector('img').src = said.thumb; URL.revokeObjectURL(url); }
        li.querySelector('img').alt = said.alt ?? '';
        keep(li, said.id, said.alt);
        changed(); tell(say(text.sent, { n: items().indexOf(li) + 1 })); go();
      });
      request.send(data);
    }
    // two at a time; a form that waits is sent when nothing is on its way any more
    let waiting = null;
    function go() {
      const queue = items().filter((li) => li.dataset.state === 'wait'), busy = items().filter((li) => li.dataset.state === 'send').length;
      queue.slice(0, Math.max(0, 2 - busy)).forEach(send);
      if (!waiting || open().length) return;
      const by = waiting; waiting = null;
      if (items().some((li) => li.dataset.state === 'failed')) return problem('');
      problem(''); form.requestSubmit(by.isConnected ? by : undefined);
    }
    form?.addEventListener('submit', (e) => {
      if (!open().length) return;
      e.preventDefault(); waiting = e.submitter ?? form.querySelector('[type=submit]'); problem(text.wait);
    });

    function take(files) {
      problem('');
      for (const file of files) {
        if (items().length >= max) { problem(say(text.full, { n: max })); break; }
        const li = make('li', { 'data-state': 'wait' }, make('img', { src: URL.createObjectURL(file), alt: '', width: 240, height: 180 }), make('div', { class: 'photos__state' }));
        li.file = file; list.append(li); equip(li);
      }
      number(); go();
    }
    input.addEventListener('change', (e) => { e.stopPropagation(); take([...input.files]); input.value = ''; });
    for (const e of ['dragover', 'dragenter']) drop.addEventListener(e, (x) => { if (x.dataTransfer?.types.includes('Files')) { x.preventDefault(); drop.setAttribute('data-over', ''); } });
    for (const e of ['dragleave', 'drop']) drop.addEventListener(e, () => drop.removeAttribute('data-over'));
    drop.addEventListener('drop', (e) => { e.preventDefault(); take([...e.dataTransfer.files].filter((f) => f.type.startsWith('image/'))); });

    for (const li of items()) { equip(li); keep(li, li.dataset.photoId, li.dataset.alt); }
    number();
  }
}

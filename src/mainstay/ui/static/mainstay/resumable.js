// Files piece by piece (the tus protocol): data-resumable="address" with data-form on a file field. A connection that
// breaks is taken up again where it was; a file chosen again after a reload goes on too. Without this script the
// field is an ordinary one.
(() => {
  const PIECE = 4 * 1024 * 1024, TRIES = 8;
  const encode = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
  const token = (input) => input.form.querySelector('[name=csrfmiddlewaretoken]').value;
  const headers = (input, more) => ({ 'Tus-Resumable': '1.0.0', 'X-CSRFToken': token(input), ...more });
  const going = new Set();

  async function checksum(piece) {
    if (!window.crypto?.subtle) return {};
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await piece.arrayBuffer()));
    return { 'Upload-Checksum': `sha256 ${btoa(String.fromCharCode(...digest))}` };
  }

  // Again and again with growing rests, as long as it is the connection or the server that fails.
  async function ask(address, options) {
    for (let tried = 0; ; tried += 1) {
      const answer = await fetch(address, options).catch(() => null);
      if (answer && answer.status < 500 && answer.status !== 460) return answer;
      if (tried === TRIES) throw new Error('');
      await wait(Math.min(30, 2 ** tried));
    }
  }

  async function begin(input, file) {
    const said = `filename ${encode(file.name)},form ${encode(input.dataset.form)},modified ${encode(String(file.lastModified))}`;
    const answer = await ask(input.dataset.resumable, {
      method: 'POST', headers: headers(input, { 'Upload-Length': String(file.size), 'Upload-Metadata': said }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return { at: answer.headers.get('Location'), offset: Number(answer.headers.get('Upload-Offset')) };
  }

  async function send(input, file, line) {
    const place = await begin(input, file);
    line.out.addEventListener('click', () => fetch(place.at, { method: 'DELETE', headers: headers(input) }));
    while (place.offset < file.size && !line.stopped) {
      const piece = file.slice(place.offset, place.offset + PIECE);
      const more = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(place.offset), ...await checksum(piece) };
      const answer = await ask(place.at, { method: 'PATCH', headers: headers(input, more), body: piece });
      if (answer.status !== 204 && answer.status !== 409) throw new Error('');
      place.offset = Number(answer.headers.get('Upload-Offset'));
      line.show(place.offset);
    }
  }

  function lineOf(input, file) {
    const item = document.createElement('li'), name = document.createElement('b'), bar = document.createElement('progress');
    const said = document.createElement('span'), out = document.createElement('button');
    const line = { item, out, stopped: false, show(bytes) { bar.value = bytes; said.textContent = `${Math.floor(100 * bytes / Math.max(file.size, 1))} %`; } };
    name.textContent = file.name;
    bar.max = Math.max(file.size, 1);
    bar.setAttribute('aria-label', file.name);
    said.className = 'num';
    out.type = 'button';
    out.className = 'link push';
    out.textContent = input.dataset.takeOut || 'take out';
    out.setAttribute('aria-label', `${out.textContent} ${file.name}`);
    out.addEventListener('click', () => { line.stopped = true; item.remove(); });
    line.fail = (words) => { said.textContent = words || input.dataset.broken || 'broke off; choose it again to go on'; said.className = 'err'; };
    line.show(0);
    item.append(name, bar, said, out);
    return line;
  }

  const listOf = (input) => input.form.querySelector('[data-upload-list]');

  async function refresh(input) {
    const answer = await fetch(input.dataset.list, { cache: 'no-store' }).catch(() => null);
    if (answer?.ok) listOf(input).innerHTML = await answer.text();
  }

  // A large file is looked at once it is here; sending waits for that too.
  async function checked(input) {
    while (listOf(input)?.querySelector('[data-checking]')) {
      going.add(input.form);
      await wait(1);
      await refresh(input);
    }
    if (!input.form.querySelector('[data-uploads]').children.length) going.delete(input.form);
  }

  function pressedMeanwhile(form, rest) {
    const button = form.pressed;
    delete form.pressed;
    if (button && !rest) form.requestSubmit(button);
  }

  async function all(input, files) {
    const place = input.form.querySelector('[data-uploads]');
    const lines = files.map((file) => lineOf(input, file));
    place.append(...lines.map((line) => line.item));
    place.hidden = false;
    going.add(input.form);
    for (const [n, file] of files.entries()) {
      if (lines[n].stopped) continue;
      try { await send(input, file, lines[n]); lines[n].item.remove(); } catch (error) { lines[n].fail(error.message); }
    }
    place.hidden = !place.children.length;
    await refresh(input);
    await checked(input);
    going.delete(input.form);
    pressedMeanwhile(input.form, place.children.length);
  }

  document.addEventListener('change', (event) => {
    const input = event.target;
    if (!input.matches?.('input[data-resumable]') || !input.files.length) return;
    const files = [...input.files];
    input.value = '';
    all(input, files);
  });

  // Sending waits for files that are on their way; what a file's own buttons do needs no new page.
  document.addEventListener('submit', async (event) => {
    const form = event.target, button = event.submitter;
    if (going.has(form) && !button?.dataset.decision) {
      event.preventDefault();
      form.pressed = button;
      const said = form.querySelector('[data-draft-said]');
      if (said) said.textContent = form.querySelector('[data-resumable]').dataset.waiting || '…';
    }
    if (!button?.dataset.decision) return;
    event.preventDefault();
    const body = new FormData();
    body.append('decision', button.dataset.decision);
    const input = form.querySelector('[data-resumable]');
    const answer = await fetch(button.dataset.at, { method: 'POST', headers: { 'X-CSRFToken': token(input) }, body }).catch(() => null);
    if (answer?.ok) listOf(input).innerHTML = await answer.text(); else form.requestSubmit();
    input.focus();
    await checked(input);
    pressedMeanwhile(form, 0);
  }, true);

  for (const input of document.querySelectorAll('input[data-resumable]')) {
    if (input.form.querySelector('[data-checking]')) checked(input).then(() => pressedMeanwhile(input.form, 0));
  }
})();

// Files by drop and paste into the nearest ordinary file field (data-files), listed with a way to take them out.
// Without this script the field works as it is.
(() => {
  const size = (bytes) => bytes < 1000 ? `${bytes} B` : bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const inputNear = (element) => element.closest('form, [data-drop]')?.querySelector('input[data-files]');

  function set(input, files) {
    const held = new DataTransfer();
    for (const file of files) held.items.add(file);
    input.files = held.files;
    list(input);
  }

  function add(input, files) {
    const known = [...input.files];
    const same = (a) => (b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
    set(input, [...known, ...[...files].filter((file) => !known.some(same(file)))]);
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }

  function line(input, file, at) {
    const item = document.createElement('li');
    const name = document.createElement('b');
    const bytes = document.createElement('span');
    const out = document.createElement('button');
    name.textContent = file.name;
    bytes.textContent = size(file.size);
    bytes.className = 'dim';
    out.type = 'button';
    out.className = 'link push';
    out.textContent = input.dataset.takeOut || 'take out';
    out.setAttribute('aria-label', `${out.textContent} ${file.name}`);
    out.addEventListener('click', () => { set(input, [...input.files].filter((_, n) => n !== at)); input.focus(); });
    item.append(name, bytes, out);
    return item;
  }

  function list(input) {
    const place = input.closest('form')?.querySelector('[data-uploads]');
    if (!place || input.dataset.resumable) return; // resumable.js lists what it sends
    place.replaceChildren(...[...input.files].map((file, at) => line(input, file, at)));
    place.hidden = !input.files.length;
  }

  function named(file) {
    if (file.name !== 'image.png') return file;
    const at = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
    return new File([file], `screenshot-${at}.png`, { type: file.type, lastModified: file.lastModified });
  }

  document.addEventListener('change', (event) => { if (event.target.matches('input[data-files]')) list(event.target); });
  document.addEventListener('paste', (event) => {
    const input = inputNear(event.target);
    const files = event.clipboardData ? [...event.clipboardData.files] : [];
    if (!input || !files.length) return;
    event.preventDefault();
    add(input, files.map(named));
  });
  document.addEventListener('dragover', (event) => {
    const place = event.target.closest('[data-drop], form:has(input[data-files])');
    if (!place) return;
    event.preventDefault();
    place.classList.add('over');
  });
  for (const end of ['dragleave', 'drop']) {
    document.addEventListener(end, (event) => event.target.closest?.('.over')?.classList.remove('over'));
  }
  document.addEventListener('drop', (event) => {
    const input = inputNear(event.target);
    if (!input || !event.dataTransfer.files.length) return;
    event.preventDefault();
    add(input, event.dataTransfer.files);
  });
})();

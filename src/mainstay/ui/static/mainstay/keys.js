// Keys on data-key ("r", "/", "g h"): press a button or link, choose a radio, focus a field. "?" lists them and can
// turn single keys off. j and k walk rows of data-rows. Ctrl+Enter sends the form that has the focus.
(() => {
  const off = 'mainstay-keys-off';
  const field = (element) => element.matches('input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]');
  const visible = (element) => element.checkVisibility ? element.checkVisibility() : element.offsetParent !== null;
  const find = (keys) => [...document.querySelectorAll('[data-key]')].find((e) => e.dataset.key.toLowerCase() === keys && (visible(e) || e.type === 'radio'));
  const starts = (key) => [...document.querySelectorAll('[data-key]')].some((e) => e.dataset.key.toLowerCase().startsWith(`${key} `));

  function press(element) {
    if (field(element)) { element.focus(); element.select?.(); return; }
    element.click();
    if (element.type === 'radio') element.form?.querySelector('textarea')?.focus();
  }

  function walk(step) {
    const rows = [...document.querySelectorAll('[data-rows] [data-id]')];
    if (!rows.length) return false;
    const at = rows.findIndex((row) => row.classList.contains('cur'));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))];
    rows[at]?.classList.remove('cur');
    next.classList.add('cur');
    next.querySelector('a[href]')?.focus();
    next.scrollIntoView({ block: 'nearest' });
    return true;
  }

  // ---- rows that are ticked: x the current one, Shift+X or Shift and click all from the last one, Escape none

  let last = null;
  const ticks = () => [...document.querySelectorAll('[data-rows] [data-id] .cb')];

  function tick(box, through, checked) {
    const all = ticks(), from = all.indexOf(last), to = all.indexOf(box);
    const some = through && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    for (const one of some) one.checked = checked;
    last = box;
    counted();
  }

  function counted() {
    const n = ticks().filter((box) => box.checked).length;
    for (const words of document.querySelectorAll('[data-selected]')) words.textContent = words.dataset.selected.replace('%', n);
  }

  function tickCurrent(through) {
    const box = document.querySelector('[data-rows] .cur .cb');
    if (box) tick(box, through, through || !box.checked);
    return Boolean(box);
  }

  function clear() {
    const any = ticks().some((box) => box.checked);
    for (const box of document.querySelectorAll('[data-rows] .cb')) box.checked = false;
    counted();
    return any;
  }

  // A key of the bar, nothing being ticked, is meant for the row one is at.
  function forCurrent(key) {
    const button = [...document.querySelectorAll('.bulk [data-key]')].find((e) => e.dataset.key === key);
    return Boolean(button && !visible(button) && tickCurrent(false) && (button.click(), true));
  }

  // data-row-key: a key of the current row, or of the first one.
  function ofRow(key) {
    const keys = `[data-row-key="${CSS.escape(key)}"]`, found = document.querySelector(`[data-rows] .cur ${keys}`) || document.querySelector(`[data-rows] ${keys}`);
    if (found) { found.click(); found.focus(); }
    return Boolean(found);
  }

  function shut() {
    const open = document.querySelector('[data-rows] details[open]');
    open?.removeAttribute('open');
    return Boolean(open);
  }

  function send(element) {
    const form = element.form || element.closest('form');
    const button = form && [...form.querySelectorAll('button:not([type=button]), input[type=submit]')].filter(visible).pop();
    if (form) form.requestSubmit(button || null);
    return Boolean(form);
  }

  function entry(element) {
    const item = document.createElement('li'), words = document.createElement('span'), key = document.createElement('kbd');
    words.textContent = element.dataset.keyName || (element.labels?.[0] || element).textContent.replace(/\s+\S?\s*$/, '').trim();
    key.textContent = element.dataset.key.toUpperCase();
    item.append(words, key);
    return item;
  }

  function dialog() {
    const made = document.createElement('dialog');
    made.setAttribute('aria-labelledby', 'keys-title');
    made.innerHTML = '<h2 id="keys-title">Keys</h2><ul class="keys"></ul><p><label class="check"><input type="checkbox"> Single keys work on this machine</label></p><form method="dialog" class="row send2"><button class="btn go">Close</button></form>';
    const always = [['J', 'next row'], ['K', 'previous row'], ['O', 'why the row stands here'], ['X', 'select the row'], ['⇧ X', 'select up to the row'], ['Esc', 'select none'], ['Ctrl ↵', 'send what is being written'], ['Ctrl K', 'find anything'], ['?', 'this list']];
    const fixed = always.map(([key, words]) => entry({ dataset: { key, keyName: words } }));
    made.querySelector('ul').append(...[...document.querySelectorAll('[data-key]')].map(entry), ...fixed);
    const box = made.querySelector('input');
    box.checked = !localStorage.getItem(off);
    box.addEventListener('change', () => box.checked ? localStorage.removeItem(off) : localStorage.setItem(off, '1'));
    made.addEventListener('close', () => made.remove());
    document.body.append(made);
    made.showModal();
  }

  let first = '', since = 0;
  function single(key, shifted) {
    const both = first && Date.now() - since < 1200 ? `${first} ${key}` : '';
    const found = (both && find(both)) || find(key);
    first = starts(key) && !found ? key : '';
    since = Date.now();
    if (found) { press(found); return true; }
    if (key === 'x') return tickCurrent(shifted);
    if (key === 'escape') return shut() || clear();
    if (ofRow(key)) return true;
    if (forCurrent(key)) return true;
    if (key === '?') { dialog(); return true; }
    return key === 'j' ? walk(1) : key === 'k' ? walk(-1) : false;
  }

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      if (send(event.target)) event.preventDefault();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (field(event.target) || document.querySelector('dialog[open]') || (localStorage.getItem(off) && event.key !== '?')) return;
    if (single(event.key.toLowerCase(), event.shiftKey)) event.preventDefault();
  });

  function boxes(event) {
    if (event.target.matches('[data-all]')) for (const box of event.target.closest('[data-rows]').querySelectorAll('[data-id] .cb')) box.checked = event.target.checked;
    counted();
  }

  function wake() {
    for (const element of document.querySelectorAll('[data-keys-list], [data-all]')) element.hidden = false;
  }

  document.addEventListener('change', boxes);
  document.addEventListener('reset', () => setTimeout(counted));
  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-keys-list]')) dialog();
    if (event.target.matches('[data-id] .cb')) tick(event.target, event.shiftKey, event.target.checked);
  });
  document.addEventListener('mainstay:replaced', wake);
  wake();
})();

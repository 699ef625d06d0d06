// Keeps a part of a page fresh: data-poll="address" data-every="seconds" on an element with an id. The answer may be
// the part or a whole page that holds it; it replaces the part only when it changed, and never while a field in it has
// the focus or the page is not looked at. Rows (data-rows) do not move under the pointer, the current row or a tick:
// they are brought up to date where they stand, and data-fresh offers what is new.
(() => {
  const seen = new WeakMap();
  const fresh = document.querySelector('[data-fresh]');
  const ticked = (part) => part.querySelector(fresh && part.querySelector('[data-rows]') ? ':checked:not(.cb)' : ':checked');
  const busy = (part) => document.hidden || ticked(part) || part.querySelector(':focus:is(textarea, select, input:not(.cb))')
    || document.querySelector('dialog[open]') || !getSelection().isCollapsed;

  function inside(part, html) {
    const page = new DOMParser().parseFromString(html, 'text/html');
    const same = part.id && page.getElementById(part.id);
    return same ? same.innerHTML : page.body.innerHTML;
  }

  function place(part) {
    const here = document.activeElement;
    if (!part.contains(here)) return null;
    return here.id ? `#${CSS.escape(here.id)}` : here.getAttribute('href') ? `[href="${CSS.escape(here.getAttribute('href'))}"]` : null;
  }

  function replace(part, html) {
    const where = place(part), current = part.querySelector('.cur')?.dataset.id;
    part.innerHTML = html;
    if (where) part.querySelector(where)?.focus({ preventScroll: true });
    if (current) part.querySelector(`[data-id="${CSS.escape(current)}"]`)?.classList.add('cur');
    document.dispatchEvent(new CustomEvent('mainstay:replaced', { detail: part }));
  }

  // ---- rows that are being looked at

  const held = (part) => Boolean(fresh) && part.querySelector('[data-id]:is(:hover, .cur, :focus-within), .cb:checked, [data-id] details[open]');
  const rows = (root) => new Map([...root.querySelectorAll('[data-rows] [data-id]')].map((row) => [row.dataset.id, row]));

  function offer(part, html, added) {
    fresh.hidden = false;
    fresh.textContent = added ? fresh.dataset.fresh.replace('%', added) : fresh.dataset.moved;
    fresh.onclick = () => { fresh.hidden = true; replace(part, html); };
  }

  function update(part, html) {
    const page = new DOMParser().parseFromString(html, 'text/html'), now = rows(page), here = rows(part);
    for (const [id, row] of here) {
      const other = now.get(id);
      if (!other || row.innerHTML === other.innerHTML || row.matches(':focus-within') || row.querySelector(':checked, details[open]')) continue;
      row.innerHTML = other.innerHTML;
      row.dataset.k = other.dataset.k;
    }
    const views = part.querySelector('.views'), others = page.querySelector('.views');
    if (views && others) views.innerHTML = others.innerHTML;
    document.dispatchEvent(new CustomEvent('mainstay:replaced', { detail: part }));
    if ([...here.keys()].join() !== [...now.keys()].join()) offer(part, html, [...now.keys()].filter((id) => !here.has(id)).length);
  }

  function show(part, html) {
    if (held(part)) { update(part, html); return; }
    if (fresh) fresh.hidden = true;
    replace(part, html);
  }

  async function ask(part) {
    if (busy(part)) return;
    const known = seen.get(part) || {};
    const headers = { 'X-Requested-With': 'poll', ...(known.tag && { 'If-None-Match': known.tag }) };
    const answer = await fetch(part.dataset.poll, { headers, cache: 'no-store', redirect: 'manual' }).catch(() => null);
    const good = Boolean(answer) && (answer.ok || answer.status === 304);
    part.toggleAttribute('data-stale', !good);
    if (!good || answer.status === 304) return;
    const html = inside(part, await answer.text());
    if (html !== known.html && !busy(part)) show(part, html);
    seen.set(part, { tag: answer.headers.get('ETag'), html });
  }

  for (const part of document.querySelectorAll('[data-poll]')) {
    setInterval(() => ask(part), 1000 * (Number(part.dataset.every) || 10));
    document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(part); });
  }
})();

// Keeps a part of a page fresh: data-poll="address" data-every="seconds" on an element with an id. The answer may be
// the part or a whole page that holds it; it replaces the part only when it changed, and never while a box in it is
// ticked, a field in it has the focus, or the page is not looked at.
(() => {
  const seen = new WeakMap();
  const busy = (part) => document.hidden || part.querySelector(':checked, :focus:is(input, textarea, select)')
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

  async function ask(part) {
    if (busy(part)) return;
    const known = seen.get(part) || {};
    const headers = { 'X-Requested-With': 'poll', ...(known.tag && { 'If-None-Match': known.tag }) };
    const answer = await fetch(part.dataset.poll, { headers, cache: 'no-store', redirect: 'manual' }).catch(() => null);
    const good = Boolean(answer) && (answer.ok || answer.status === 304);
    part.toggleAttribute('data-stale', !good);
    if (!good || answer.status === 304) return;
    const html = inside(part, await answer.text());
    if (html !== known.html && !busy(part)) replace(part, html);
    seen.set(part, { tag: answer.headers.get('ETag'), html });
  }

  for (const part of document.querySelectorAll('[data-poll]')) {
    setInterval(() => ask(part), 1000 * (Number(part.dataset.every) || 10));
    document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(part); });
  }
})();

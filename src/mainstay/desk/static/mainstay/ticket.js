// On a ticket's page: who else is here (data-presence posts, at most every fifteen seconds while the page is looked at),
// "q" over selected words of the conversation quotes them, and the time spent is proposed (data-spent) with the answer.
(() => {
  const place = document.querySelector('[data-presence]');
  const form = document.getElementById('composer');
  let typed = 0, asked = 0;

  async function look() {
    if (!place || document.hidden) return;
    asked = Date.now();
    const body = new URLSearchParams({ seq: place.dataset.seq, typing: typed && Date.now() - typed < 20000 ? '1' : '' });
    body.set('csrfmiddlewaretoken', document.querySelector('[name=csrfmiddlewaretoken]')?.value || '');
    const answer = await fetch(place.dataset.presence, { method: 'POST', body }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const html = await answer.text();
    if (html !== place.innerHTML) place.innerHTML = html;
  }

  document.addEventListener('input', (event) => {
    if (!form?.contains(event.target) || event.target.type === 'search') return;
    const began = !typed || Date.now() - typed > 20000;
    typed = Date.now();
    if (began && Date.now() - asked > 2000) look();
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden && Date.now() - asked > 5000) look(); });
  if (place) { setTimeout(look, 800); setInterval(look, 15000); }

  function quote(event) {
    const said = String(getSelection()), field = form?.querySelector('textarea[name=text]');
    const within = getSelection().anchorNode?.parentElement?.closest('.conv');
    if (event.key !== 'q' || event.ctrlKey || event.metaKey || event.altKey || !said.trim() || !field || !within) return;
    if (event.target.matches('input, textarea, select')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const before = field.value && !field.value.endsWith('\n') ? `${field.value}\n\n` : field.value;
    field.value = `${before}${said.trim().split('\n').map((line) => `> ${line}`).join('\n')}\n\n`;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }
  document.addEventListener('keydown', quote, true);

  // time: seconds in which the page was looked at and something was done within the last minute
  const spent = document.querySelector('[data-spent]');
  if (spent) {
    const box = spent.querySelector('[type=checkbox]'), minutes = spent.querySelector('[name=minutes]');
    let seconds = 0, last = Date.now(), own = false;
    for (const kind of ['keydown', 'pointermove', 'scroll']) document.addEventListener(kind, () => { last = Date.now(); }, { passive: true });
    minutes.addEventListener('input', () => { own = true; box.checked = true; });
    box.addEventListener('change', () => { try { localStorage.setItem('mainstay-spent', box.checked ? '1' : ''); } catch { /* not remembered */ } });
    box.checked = Boolean(localStorage.getItem('mainstay-spent'));
    spent.hidden = false;
    setInterval(() => {
      if (!document.hidden && Date.now() - last < 60000) seconds += 5;
      if (!own) minutes.value = Math.max(1, Math.ceil(seconds / 60));
    }, 5000);
    minutes.value = 1;
  }
})();

// Keeps what is being written: data-draft="key" on a form. Kept on this machine, dropped once it was sent; with
// data-draft-url also on the server, whose draft stands in the form already (data-draft-at says of when): the newer wins.
(() => {
  const store = 'mainstay-draft:';
  const textual = (field) => field.name && !field.disabled && !['hidden', 'password', 'file', 'submit', 'button', 'checkbox'].includes(field.type);
  const fields = (form) => [...form.elements].filter(textual);
  const read = (key) => { try { return JSON.parse(localStorage.getItem(store + key)); } catch { return null; } };
  const drop = (key) => { try { localStorage.removeItem(store + key); } catch { /* nothing was kept */ } };

  function values(form) {
    const kept = {};
    for (const field of fields(form)) {
      if (field.type === 'radio' ? field.checked : field.value) kept[field.name] = field.value;
    }
    return kept;
  }

  function write(form, more) {
    const now = new Date(), kept = { at: now.toTimeString().slice(0, 8), t: now.getTime(), values: values(form), ...more };
    try { localStorage.setItem(store + form.dataset.draft, JSON.stringify(kept)); } catch { return null; }
    return kept;
  }

  async function keep(form) {
    waiting = null;
    const kept = write(form);
    if (!form.dataset.draftUrl) return kept && tell(form, form.dataset.draftKept || 'Draft kept', kept.at);
    const body = new URLSearchParams(values(form));
    body.set('csrfmiddlewaretoken', form.elements.csrfmiddlewaretoken.value);
    const answer = await fetch(form.dataset.draftUrl, { method: 'POST', body, keepalive: true }).catch(() => null);
    if (answer?.ok && !answer.redirected) drop(form.dataset.draft);
    if (kept) tell(form, answer?.ok ? form.dataset.draftKept || 'Draft kept' : 'Draft kept on this machine only', kept.at);
    return undefined;
  }

  function tell(form, words, at) {
    const place = form.querySelector('[data-draft-said]');
    if (place) place.textContent = `${words} ${at}`;
  }

  function untouched(field) {
    return field.tagName === 'SELECT' || field.type === 'radio' || field.value === field.defaultValue;
  }

  function restore(form) {
    const kept = read(form.dataset.draft), server = Number(form.dataset.draftAt || 0);
    if (!kept) return;
    if (kept.sent && !form.querySelector('[aria-invalid=true], .err')) return drop(form.dataset.draft);
    if (server && server >= (kept.t || 0)) return drop(form.dataset.draft);
    for (const field of fields(form)) {
      if (!(field.name in kept.values) || !untouched(field) || (!server && field.type !== 'radio' && field.defaultValue)) continue;
      if (field.type === 'radio') field.checked = field.value === kept.values[field.name];
      else field.value = kept.values[field.name];
    }
    tell(form, form.dataset.draftFound || 'Draft of', kept.at);
    if (form.dataset.draftUrl && !kept.sent) keep(form);
    return undefined;
  }

  let timer = 0, waiting = null;
  document.addEventListener('input', (event) => {
    const form = event.target.form;
    if (!form || !form.dataset.draft) return;
    clearTimeout(timer);
    waiting = form;
    timer = setTimeout(() => keep(form), 400);
  });
  document.addEventListener('submit', (event) => {
    if (!event.target.dataset.draft) return;
    clearTimeout(timer);
    waiting = null;
    write(event.target, { sent: true });
  });
  addEventListener('pagehide', () => { if (waiting) keep(waiting); });
  for (const form of document.querySelectorAll('form[data-draft]')) if (form.dataset.draft) restore(form);
})();

// Keeps what is being written: data-draft="key" on a form. Kept on this machine, dropped once it was sent.
(() => {
  const store = 'mainstay-draft:';
  const textual = (field) => field.name && !field.disabled && !['hidden', 'password', 'file', 'submit', 'button', 'checkbox'].includes(field.type);
  const fields = (form) => [...form.elements].filter(textual);
  const read = (key) => { try { return JSON.parse(localStorage.getItem(store + key)); } catch { return null; } };

  function values(form) {
    const kept = {};
    for (const field of fields(form)) {
      if (field.type === 'radio' ? field.checked : field.value) kept[field.name] = field.value;
    }
    return kept;
  }

  function keep(form) {
    const kept = { at: new Date().toTimeString().slice(0, 8), values: values(form) };
    try { localStorage.setItem(store + form.dataset.draft, JSON.stringify(kept)); } catch { return; }
    tell(form, form.dataset.draftKept || 'Draft kept', kept.at);
  }

  function tell(form, words, at) {
    const place = form.querySelector('[data-draft-said]');
    if (place) place.textContent = `${words} ${at}`;
  }

  function untouched(field) {
    return field.tagName === 'SELECT' || field.type === 'radio' || field.value === field.defaultValue;
  }

  function restore(form) {
    const kept = read(form.dataset.draft);
    if (!kept) return;
    if (kept.sent && !form.querySelector('[aria-invalid=true], .err')) return localStorage.removeItem(store + form.dataset.draft);
    for (const field of fields(form)) {
      if (!(field.name in kept.values) || !untouched(field) || (field.type !== 'radio' && field.defaultValue)) continue;
      if (field.type === 'radio') field.checked = field.value === kept.values[field.name];
      else field.value = kept.values[field.name];
    }
    tell(form, form.dataset.draftFound || 'Draft of', kept.at);
    return undefined;
  }

  let timer = 0;
  document.addEventListener('input', (event) => {
    const form = event.target.form;
    if (!form || !form.dataset.draft) return;
    clearTimeout(timer);
    timer = setTimeout(() => keep(form), 400);
  });
  document.addEventListener('submit', (event) => {
    const key = event.target.dataset.draft;
    if (!key) return;
    clearTimeout(timer);
    localStorage.setItem(store + key, JSON.stringify({ at: '', values: values(event.target), sent: true }));
  });
  for (const form of document.querySelectorAll('form[data-draft]')) if (form.dataset.draft) restore(form);
})();

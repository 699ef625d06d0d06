// While one types, asks what belongs to it: data-live="address" on a field or on a group of fields posts their form a
// moment after the last key, and puts the answer into the part whose id is data-live-into. An answer that a later one
// overtook is dropped; data-live-open asks when the details around it are opened. data-insert="text" on a button writes that text into the data-paste field of its form, else of
// the page, at its cursor.
(() => {
  const WAIT = 350;

  function watch(field) {
    const into = document.getElementById(field.dataset.liveInto);
    const form = field.closest('form');
    let timer = 0, asked = 0, last = '';
    if (!into || !form) return;

    async function ask() {
      const body = new FormData(form);
      for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
      if (field.name) body.set(field.name, field.value);
      const said = JSON.stringify([...body]);
      if (said === last) return;
      last = said;
      const mine = ++asked;
      const answer = await fetch(field.dataset.live, { method: 'POST', body, redirect: 'error' }).catch(() => null);
      if (mine !== asked || !answer || !answer.ok) return;
      const html = await answer.text();
      if (mine === asked && into.innerHTML !== html) into.innerHTML = html;
    }

    field.closest('details')?.addEventListener('toggle', (event) => {
      if (event.target.open && 'liveOpen' in field.dataset) ask();
    });
    field.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
  }

  for (const field of document.querySelectorAll('[data-live]')) watch(field);

  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-insert]');
    const field = button && (button.closest('form')?.querySelector('[data-paste]') || document.querySelector('[data-paste]'));
    if (!field) return;
    event.preventDefault();
    field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, 'end');
    field.focus();
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
})();

// A closed <details data-load="address"> gets what it holds when it is opened, or a moment before. Without this script
// it holds a link to the same. In a list that was asked for (data-asks, a query) the address is asked with it.
(() => {
  const loads = new WeakMap();

  function fill(drawer) {
    const place = drawer.querySelector('.sheet') || drawer.querySelector(':scope > :not(summary)');
    const list = drawer.closest('[data-asks]')?.dataset.asks;
    const asked = loads.get(drawer) || fetch(drawer.dataset.load + (list ? `?${list}` : ''), { headers: { 'X-Requested-With': 'open' } });
    loads.set(drawer, asked);
    return asked.then(async (answer) => {
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      const html = await answer.text();
      const sheet = place.matches('.sheet') ? place : document.createElement('div');
      if (sheet !== place) place.replaceWith(sheet);
      sheet.innerHTML = html;
      drawer.removeAttribute('data-load');
      drawer.removeAttribute('data-stale');
      document.dispatchEvent(new CustomEvent('mainstay:replaced', { detail: sheet }));
      return sheet;
    }).catch(() => { loads.delete(drawer); drawer.toggleAttribute('data-stale', true); return null; });
  }

  async function opened(event) {
    const drawer = event.target;
    if (!drawer.open || !drawer.matches('details[data-load]')) return;
    const sheet = await fill(drawer);
    if (sheet && drawer.open) sheet.querySelector('input:not([type=hidden]), select, textarea, button')?.focus();
  }

  document.addEventListener('toggle', opened, true);
})();

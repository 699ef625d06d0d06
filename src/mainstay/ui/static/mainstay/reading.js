// A form that says by itself that its page was read: data-by-itself="id" names the part of the page that the answer
// brings anew. It is sent once the page has been looked at for two seconds; without this script its button does it.
(() => {
  async function send(form) {
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form), redirect: 'follow' }).catch(() => null);
    if (!answer || !answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(form.dataset.byItself);
    const part = document.getElementById(form.dataset.byItself);
    if (fresh && part) part.innerHTML = fresh.innerHTML;
  }

  for (const form of document.querySelectorAll('form[data-by-itself]')) {
    const timer = setInterval(() => {
      if (document.hidden) return;
      clearInterval(timer);
      if (form.isConnected) send(form);
    }, 2000);
  }
})();

// A field that offers ways to go on while one types (the ARIA pattern "combobox with a list"): arrows walk, Enter
// takes, Escape closes. Three use it: data-complete="address" on the find field completes a query word by word; Ctrl+K
// (data-palette="address" on any button) opens a dialog that finds tickets, customers, contracts, pages and acts;
// data-mention="address" on a text completes @names while a note is written (a text keeps its role, and its list is said).
(() => {
  let count = 0;

  function combobox(input, ask, take) {
    const list = document.createElement('ul'), id = `choices-${count += 1}`;
    let wanted = 0, timer = 0, stale = false;  // stale: what is listed was for fewer letters
    list.id = id;
    list.className = 'choices';
    list.hidden = true;
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', input.getAttribute('aria-label') || '');
    const text = input.matches('textarea'), inline = text || input.dataset.complete;
    const said = text ? { 'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', 'aria-controls': id }
      : { role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id };
    for (const [name, value] of Object.entries(said)) input.setAttribute(name, value);
    input.after(list);
    const options = () => [...list.querySelectorAll('[role=option]')];
    const active = () => list.querySelector('[aria-selected=true]');

    function show(open) {
      list.hidden = !open;
      if (!text) input.setAttribute('aria-expanded', String(open));
      if (!open) input.removeAttribute('aria-activedescendant');
    }

    function select(option) {
      active()?.setAttribute('aria-selected', 'false');
      if (!option) { input.removeAttribute('aria-activedescendant'); return; }
      option.setAttribute('aria-selected', 'true');
      option.scrollIntoView({ block: 'nearest' });
      input.setAttribute('aria-activedescendant', option.id);
    }

    function draw(choices, first) {
      list.replaceChildren(...choices.map((choice, n) => {
        const item = document.createElement('li'), words = document.createElement('b'), note = document.createElement('span');
        item.id = `${id}-${n}`;
        item.setAttribute('role', 'option');
        item.setAttribute('aria-selected', 'false');
        words.textContent = choice.put;
        note.textContent = choice.says || '';
        item.append(words, note);
        item.choice = choice;
        return item;
      }));
      stale = false;
      show(choices.length > 0);
      if (first && choices.length) select(options()[0]);
    }

    async function look(first) {
      const mine = wanted += 1, choices = await ask(input);
      if (mine === wanted && document.activeElement === input) draw(choices, first);
    }

    function walk(step) {
      const all = options(), at = all.indexOf(active());
      if (list.hidden || stale || !all.length) { look(true); return; }
      select(all[(at + step + all.length + (at < 0 && step < 0 ? 1 : 0)) % all.length]);
    }

    function choose(option) {
      wanted += 1;
      show(false);
      take(input, option.choice, look);
    }

    input.addEventListener('input', () => { stale = true; select(null); clearTimeout(timer); timer = setTimeout(look, 120); });
    input.addEventListener('blur', () => { wanted += 1; show(false); });
    list.addEventListener('pointerdown', (event) => {
      const option = event.target.closest('[role=option]');
      event.preventDefault();
      if (option) choose(option);
    });
    input.addEventListener('keydown', (event) => {
      const step = text && list.hidden ? 0 : { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) walk(step);
      else if (event.key === 'Enter' && !event.ctrlKey && !list.hidden && active()) choose(active());
      else if (event.key === 'Tab' && !list.hidden && active() && inline) choose(active());
      else if (event.key === 'Escape' && !list.hidden && inline) show(false);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    return look;
  }

  async function json(address, text) {
    const answer = await fetch(`${address}?q=${encodeURIComponent(text)}`, { headers: { Accept: 'application/json' } }).catch(() => null);
    return answer?.ok ? (await answer.json()).choices : [];
  }

  // ---- a query, word by word

  function word(input) {  // the word at the cursor: where it begins and what stands of it
    const before = input.value.slice(0, input.selectionStart);
    const begin = before.match(/(?:[^\s"]|"[^"]*"?)*$/)[0];
    return { at: before.length - begin.length, text: begin };
  }

  function complete(input, choice, look) {
    const { at, text } = word(input), more = choice.put.endsWith(':');
    const put = /\s/.test(choice.put) ? choice.put.replace(/:(.*)$/, ':"$1"') : choice.put;
    input.setRangeText(put + (more ? '' : ' '), at, at + text.length, 'end');
    if (more) look();
  }

  function takeBack(event) {  // Backspace before the first letter: the last term can be changed again
    const input = event.target, hidden = [...(input.form?.querySelectorAll('input[type=hidden][name=q]') || [])].pop();
    if (event.key !== 'Backspace' || input.selectionEnd || !hidden) return;
    event.preventDefault();
    input.value = `${hidden.value} ${input.value}`.trim();
    input.setSelectionRange(hidden.value.length, hidden.value.length);
    hidden.previousElementSibling?.remove();
    hidden.remove();
  }

  for (const input of document.querySelectorAll('[data-complete]')) {
    combobox(input, (field) => { const { text } = word(field); return text ? json(field.dataset.complete, text) : []; }, complete);
    input.addEventListener('keydown', takeBack);
  }

  // ---- @names in a note

  function name(field) {  // what stands of a name at the cursor, with its @
    const before = field.value.slice(0, field.selectionStart);
    return before.match(/(?:^|[^\w.@/+-])(@[\p{L}\p{N}_.'’-]*)$/u)?.[1] || '';
  }

  for (const field of document.querySelectorAll('textarea[data-mention]')) {
    const form = field.form, hint = form.querySelector('[data-mention-plain]'), words = form.querySelector('[data-mention-said]');
    const inside = () => form.querySelector('[name=kind]:checked')?.value === 'note';
    const plain = () => { if (hint) hint.hidden = inside() || !/(?:^|[^\w.@/+-])@\p{L}{2}/u.test(field.value); };
    combobox(field, async () => {
      const begun = inside() ? name(field) : '', found = begun ? await json(field.dataset.mention, begun) : [];
      const count = found.length ? words.dataset.mentionSaid.replace('%', found.length) : '';
      if (words && words.textContent !== count) words.textContent = count;
      return found;
    }, (_, choice) => {
      const begun = name(field), at = field.selectionStart;
      field.setRangeText(`${choice.put} `, at - begun.length, at, 'end');
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
    field.addEventListener('input', plain);
    form.addEventListener('change', plain);
    plain();
  }

  // ---- Ctrl+K

  const button = document.querySelector('[data-palette]');
  const acts = () => [...document.querySelectorAll('main [data-key-name], main .acts summary[data-key]')].filter((e) => e.checkVisibility());
  const named = (element) => element.dataset.keyName || element.textContent.replace(/\s+\S?\s*$/, '').trim();

  function ofThisPage(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return acts().filter((e) => words.every((one) => named(e).toLowerCase().includes(one))).slice(0, 6)
      .map((element) => ({ put: named(element), says: `${button.dataset.here} · ${element.dataset.key.toUpperCase()}`, element }));
  }

  function open() {
    if (document.querySelector('dialog[open]')) return;
    const made = document.createElement('dialog'), input = document.createElement('input');
    made.className = 'palette';
    made.setAttribute('aria-label', button.dataset.name);
    Object.assign(input, { type: 'search', placeholder: button.dataset.hint, autocomplete: 'off', spellcheck: false });
    input.setAttribute('aria-label', button.dataset.name);
    made.append(input);
    document.body.append(made);
    const look = combobox(input, async (field) => {
      const here = ofThisPage(field.value), found = await json(button.dataset.palette, field.value);
      return field.value ? [...found, ...here] : [...here, ...found];
    }, (_, choice) => {
      made.close();
      if (choice.element) { choice.element.click(); if (choice.element.matches('input, textarea')) choice.element.focus(); } else location.assign(choice.url);
    });
    input.addEventListener('input', () => input.removeAttribute('aria-activedescendant'));
    made.addEventListener('keydown', (event) => { if (event.key === 'Escape') { event.preventDefault(); made.close(); } });
    made.addEventListener('close', () => made.remove());
    made.addEventListener('click', (event) => { if (event.target === made) made.close(); });
    made.showModal();
    look(false);
  }

  if (button) {
    button.addEventListener('click', (event) => { event.preventDefault(); open(); });
    document.addEventListener('keydown', (event) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
  }
})();

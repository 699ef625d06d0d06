// Keeps words of time true between two loads: data-due (ISO instant), data-form "in", "at" or "left".
// The words are those of mainstay/ui/words.py. Each second below an hour, else each minute. The clock is the server's:
// data-now on html is its instant when the page was made.
(() => {
  const ahead = (Date.parse(document.documentElement.dataset.now) || Date.now()) - Date.now();
  const MINUTE = 60, HOUR = 3600, DAY = 86400, NEAR = 4 * HOUR;
  const say = (name, time) => (document.documentElement.dataset[name] || '%(time)s').replace('%(time)s', time);
  const day = () => document.documentElement.dataset.wordsDay || 'd';
  const two = (n) => String(n).padStart(2, '0');

  function span(s) {
    for (const [size, name, small, smallName] of [[DAY, day(), HOUR, 'h'], [HOUR, 'h', MINUTE, 'min'], [MINUTE, 'min', 1, 's']]) {
      if (s < size) continue;
      const rest = Math.floor((s % size) / small);
      return `${Math.floor(s / size)} ${name}` + (rest ? ` ${rest} ${smallName}` : '');
    }
    return `${s} s`;
  }

  function brief(s) {
    if (s < 5 * MINUTE) return span(s);
    if (s < 90 * MINUTE) return `${Math.floor(s / MINUTE)} min`;
    if (s < DAY) return `${Math.floor(s / HOUR)} h ${two(Math.floor((s % HOUR) / MINUTE))}`;
    return span(s);
  }

  function countedLong(s) {
    if (s < 5 * MINUTE) return span(s);
    if (s < HOUR) return `${Math.floor(s / MINUTE)} min`;
    const minutes = Math.floor(s / MINUTE) % 60;
    return `${Math.floor(s / HOUR)} h` + (minutes ? ` ${minutes} min` : '');
  }

  // What an element should say so many seconds before its due instant, or null to leave it as the server said it.
  function words(form, seconds) {
    if (seconds < 0) return say('wordsOver', brief(-seconds));
    if (form === 'left') return say('wordsLeft', countedLong(seconds));
    return form === 'in' || seconds < NEAR ? say('wordsIn', brief(seconds)) : null;
  }

  let last = 0;
  function tick() {
    const now = Math.floor((Date.now() + ahead) / 1000), minute = Math.floor(now / MINUTE) !== last;
    last = Math.floor(now / MINUTE);
    for (const element of document.querySelectorAll('[data-due]')) {
      const seconds = Math.floor(Date.parse(element.dataset.due) / 1000) - now;
      if (!minute && Math.abs(seconds) > HOUR) continue;
      const said = words(element.dataset.form, seconds);
      if (said !== null && said !== element.textContent) element.textContent = said;
    }
  }

  setInterval(tick, 1000);
  document.addEventListener('mainstay:replaced', () => { last = 0; tick(); });
  window.mainstayWords = { brief, span, countedLong, words };
})();

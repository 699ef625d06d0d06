// Keeps words of time true between two loads: data-due (ISO instant), data-form "in", "at" or "left".
// The words are those of mainstay/ui/words.py. Each second below an hour, else each minute.
(() => {
  const MINUTE = 60, HOUR = 3600, DAY = 86400, NEAR = 4 * HOUR;
  const say = (name, time) => (document.documentElement.dataset[name] || '%(time)s').replace('%(time)s', time);
  const two = (n) => String(n).padStart(2, '0');

  function span(s) {
    for (const [size, name, small, smallName] of [[DAY, 'd', HOUR, 'h'], [HOUR, 'h', MINUTE, 'min'], [MINUTE, 'min', 1, 's']]) {
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

  // What an element should say at an instant, or null to leave it as the server said it.
  function words(form, seconds, left) {
    if (seconds < 0) return say('wordsOver', brief(-seconds));
    if (form === 'in' || seconds < NEAR) {
      return form === 'left' ? (left === null ? null : say('wordsLeft', countedLong(left))) : say('wordsIn', brief(seconds));
    }
    return null;
  }

  function tick(each) {
    const now = Math.floor(Date.now() / 1000);
    for (const element of document.querySelectorAll('[data-due]')) {
      const seconds = Math.floor(Date.parse(element.dataset.due) / 1000) - now;
      if (!each && Math.abs(seconds) < HOUR) continue;
      const said = words(element.dataset.form, seconds, left(element, seconds));
      if (said !== null && said !== element.textContent) element.textContent = said;
    }
  }

  // Counted time runs only in open hours; it is known here only while it equals the time on the wall.
  function left(element, seconds) {
    const counted = element.dataset.left;
    return counted !== undefined && Math.abs(Number(counted) - Number(element.dataset.wall)) < 2 ? seconds : null;
  }

  setInterval(() => tick(true), 1000);
  document.addEventListener('mainstay:replaced', () => tick(true));
  window.mainstayWords = { brief, span, countedLong };
})();

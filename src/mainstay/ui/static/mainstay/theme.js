// Light, dark, or as the system is: at once, and remembered in the cookie that the server reads.
document.addEventListener('submit', (event) => {
  const form = event.target.closest('[data-theme-form]');
  if (!form || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const secure = location.protocol === 'https:' ? '; secure' : '';
  document.cookie = `mainstay_theme=${theme}; path=/; samesite=lax; max-age=${theme ? 31536000 : 0}${secure}`;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const button of form.querySelectorAll('button')) button.setAttribute('aria-pressed', String(button === event.submitter));
});

// Print and copy: buttons that only a script can make work are hidden until there is one.
for (const button of document.querySelectorAll('[data-print], [data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    if ('print' in button.dataset) { window.print(); return; }
    const field = document.getElementById(button.dataset.copy);
    field.select();
    try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand('copy'); }
    button.textContent = button.dataset.done;
  });
}

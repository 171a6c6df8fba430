// Single keys for the page as a whole. Whoever types into a field, or answers a dialog, types.
export function listen(page, shortcuts) {
  const known = new Map(shortcuts.map(s => [s.key, s]));
  const heard = e => {
    const shortcut = known.get(e.key);
    if (!shortcut || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || (e.repeat && !shortcut.repeats)) return;
    const typing = e.target.closest?.('input, textarea, select, [contenteditable]');
    if ((typing && e.key !== 'Escape') || document.querySelector('.mud-dialog')) return;
    e.preventDefault();
    // What was on the screen when the key went down: the page drops a press that was meant for something else.
    const subject = document.querySelector('[data-subject]')?.dataset.subject ?? null;
    page.invokeMethodAsync('Press', e.key, subject).catch(() => { });
  };
  document.addEventListener('keydown', heard);
  return { end: () => document.removeEventListener('keydown', heard) };
}

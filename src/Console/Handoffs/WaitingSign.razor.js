// How many wait, where it is seen without the page: in the tab's title, in its icon, and as a notification where one was asked for.
const Prefix = /^\(\d+\) /;
let count = 0;
let watching;
let plain;

export function show(waiting) {
  count = waiting;
  if (!watching) {
    // The page changes its title by itself: what stands before it is put there again, in the same text, which the page goes on to change.
    watching = new MutationObserver(title);
    watching.observe(document.head, { childList: true, subtree: true, characterData: true });
  }
  title();
  icon();
}

export function tell(words, id) {
  if (localStorage.getItem('handrail.notify') !== 'on' || !('Notification' in window) || Notification.permission !== 'granted') return;
  if (document.visibilityState === 'visible' && document.hasFocus()) return;
  const said = new Notification('Handrail: a decision is needed', { body: words, tag: 'handrail-inbox', renotify: true });
  said.onclick = () => {
    window.focus();
    said.close();
    const to = id ? `inbox?handoff=${encodeURIComponent(id)}` : 'inbox';
    if (window.Blazor?.navigateTo) window.Blazor.navigateTo(to); else location.assign(to);
  };
}

function title() {
  const text = [...document.head.querySelector('title')?.childNodes ?? []].find(n => n.nodeType === Node.TEXT_NODE);
  if (!text) return;
  const wanted = (count > 0 ? `(${count}) ` : '') + text.data.replace(Prefix, '');
  if (text.data !== wanted) text.data = wanted;
}

function icon() {
  const link = document.querySelector('link[rel=icon]');
  if (!link) return;
  plain ??= link.href;
  if (count === 0) {
    link.href = plain;
    return;
  }
  const words = count > 99 ? '99+' : `${count}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#b3261e"/>` +
    `<text x="16" y="23" font-family="system-ui,sans-serif" font-weight="700" font-size="${words.length > 2 ? 14 : 20}" fill="#fff" text-anchor="middle">${words}</text></svg>`;
  link.href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

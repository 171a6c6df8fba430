// Tells the page when a person has their hands on the list, so that it doesn't move under them, and moves the focus by arrow keys.
const watched = new WeakMap();

export function watch(list, search, page) {
  let hovers = false, focused = false, told = false;
  const stop = new AbortController();
  const tell = () => {
    const on = hovers || focused || list.scrollTop > 8 || scrollY > 160;
    if (on !== told) {
      told = on;
      page.invokeMethodAsync('HandsOn', on).catch(() => { });
    }
  };
  const on = (name, act) => list.addEventListener(name, act, { signal: stop.signal, passive: name === 'scroll' });
  on('pointerenter', event => { hovers = event.pointerType === 'mouse'; tell(); });
  on('pointerleave', () => { hovers = false; tell(); });
  on('focusin', () => { focused = true; tell(); });
  on('focusout', event => { focused = list.contains(event.relatedTarget); tell(); });
  let typing;
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => page.invokeMethodAsync('Typed', search.value).catch(() => { }), 200);
  }, { signal: stop.signal });
  on('scroll', tell);
  addEventListener('scroll', tell, { signal: stop.signal, passive: true });
  on('keydown', event => {
    const row = event.target.closest?.('tbody tr');
    const step = { ArrowDown: 'nextElementSibling', j: 'nextElementSibling', ArrowUp: 'previousElementSibling', k: 'previousElementSibling' }[event.key];
    if (!row || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    const link = row[step]?.querySelector('a');
    if (link) {
      event.preventDefault();
      link.focus();
      row[step].scrollIntoView({ block: 'nearest' });
    }
  });
  watched.set(list, stop);
}

export function show(search, text) {
  if (document.activeElement !== search) search.value = text;
}

export function forget(list) {
  watched.get(list)?.abort();
}

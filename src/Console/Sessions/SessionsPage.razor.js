// Tells the page when a person has their hands on the list, so that it doesn't move under them, and moves the focus by arrow keys.
const watched = new WeakMap();

// A mouse on its way to the list, or a finger just lifted, counts as hands on for so long: the page must know before they are there.
const lingering = 2500;

export function watch(list, search, page) {
  let hovers = false, focused = false, told = false, until = 0, timer;
  const stop = new AbortController();
  const tell = () => {
    const on = hovers || focused || list.scrollTop > 8 || scrollY > 160 || performance.now() < until;
    if (on !== told) {
      told = on;
      page.invokeMethodAsync('HandsOn', on).catch(() => { });
    }
  };
  const linger = () => {
    until = performance.now() + lingering;
    tell();
    clearTimeout(timer);
    timer = setTimeout(tell, lingering + 50);
  };
  const on = (name, act, where = list, passive = name !== 'keydown') => where.addEventListener(name, act, { signal: stop.signal, passive });
  on('pointerenter', event => { hovers = event.pointerType === 'mouse'; tell(); });
  on('pointerleave', () => { hovers = false; tell(); });
  on('pointermove', event => { if (event.pointerType === 'mouse') linger(); }, document);
  on('touchstart', linger, document);
  on('touchmove', linger, document);
  on('focusin', () => { focused = true; tell(); });
  on('focusout', event => { focused = list.contains(event.relatedTarget); tell(); });
  let typing;
  on('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => page.invokeMethodAsync('Typed', search.value).catch(() => { }), 200);
  }, search);
  on('scroll', tell);
  on('scroll', tell, window);
  on('keydown', event => {
    const row = event.target.closest?.('tbody tr');
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    focusRow(list, row, step);
  });
  watched.set(list, stop);
}

// Only the rows in sight are there: scrolls to where the wanted one will be, and focuses it once it is.
function focusRow(list, row, step) {
  const last = Number(list.querySelector('table').getAttribute('aria-rowcount'));
  const place = Math.min(last, Math.max(2, Number(row.getAttribute('aria-rowindex')) + step));
  const find = () => list.querySelector(`tr[aria-rowindex="${place}"] a`);
  let left = 60;
  const reach = () => {
    const link = find();
    if (link) {
      link.focus({ preventScroll: true });
      link.closest('tr').scrollIntoView({ block: 'nearest' });
      return;
    }
    if (left-- === 60) {
      const body = list.querySelector('tbody').getBoundingClientRect();
      const scroller = list.scrollHeight > list.clientHeight + 1 ? list : document.scrollingElement;
      const height = body.height / (last - 1);
      const top = body.top + (place - 2) * height;
      const view = scroller === list ? list.getBoundingClientRect() : { top: 0, height: innerHeight };
      scroller.scrollTop += top - view.top - (view.height - height) / 2;
    }
    if (left > 0) requestAnimationFrame(reach);
  };
  reach();
}

export function show(search, text) {
  if (document.activeElement !== search) search.value = text;
}

export function top(list) {
  list.scrollTop = 0;
  if (scrollY > 0 && list.getBoundingClientRect().top < 0) scrollTo({ top: 0 });
}

export function forget(list) {
  watched.get(list)?.abort();
}

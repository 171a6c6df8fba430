// What the browser says of itself to the page: its time zone, and whether anybody sees the tab.
let told;

export function watch(viewer) {
  told = () => viewer.invokeMethodAsync('Seen', document.visibilityState === 'visible').catch(() => { });
  document.addEventListener('visibilitychange', told);
  if (document.visibilityState !== 'visible') told();
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? null;
}

export function forget() {
  document.removeEventListener('visibilitychange', told);
}

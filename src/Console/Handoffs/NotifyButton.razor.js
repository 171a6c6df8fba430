// Whether this browser shows notifications: its own permission, asked for only on request, and the person's wish.
const Wish = 'handrail.notify';

export function state() {
  if (!('Notification' in window)) return null;
  if (Notification.permission === 'denied') return 'denied';
  return Notification.permission === 'granted' && localStorage.getItem(Wish) === 'on' ? 'on' : 'off';
}

export async function turn(on) {
  if (on && Notification.permission !== 'granted') await Notification.requestPermission();
  localStorage.setItem(Wish, on && Notification.permission === 'granted' ? 'on' : 'off');
  return state();
}

// Brings a row of the virtualised queue into view, whether or not it is drawn yet, and the card's heading under the eyes.
export function reveal(list, top, height) {
  if (list && top >= 0) {
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + height > list.scrollTop + list.clientHeight) list.scrollTop = top + height - list.clientHeight;
  }
  const heading = document.getElementById('wanted');
  heading?.focus({ preventScroll: true });
  heading?.closest('.detail')?.scrollTo({ top: 0 });
}

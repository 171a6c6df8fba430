// On a telephone the parts stand in one row: brings the chosen one to its middle, and moves nothing else.
export function reveal(row) {
  const chosen = row?.querySelector('[aria-current]');
  if (!chosen) return;
  const [around, of] = [row.getBoundingClientRect(), chosen.getBoundingClientRect()];
  row.scrollLeft += of.left - around.left - (around.width - of.width) / 2;
}

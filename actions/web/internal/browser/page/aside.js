// The page script, part of what lies over the page: banners and dialogs that nobody asked for.

// ---- what lies over
// layerOver is the outermost element that floats over another and does not hold it; the dialog that
// shuts off the page when n is 0.
const layerOver = n => {
  if (!n) return modal();
  const el = target(element(n)), r = el.getBoundingClientRect();
  const h = hit(r.left + r.width / 2, r.top + r.height / 2);
  if (!h || within(h, el) || within(el, h)) return null;
  let top = null;
  for (let p = h; p && p.nodeType === 1 && !within(el, p); p = parent(p)) if (/^(fixed|absolute|sticky)$/.test(getComputedStyle(p).position) || tag(p) === 'dialog') top = p;
  return top;
};
const layer = n => {
  const l = layerOver(n);
  return { over: !!l, text: l ? words(l) : '', things: l ? clickables().filter(c => within(elements[c.id], l)) : [] };
};

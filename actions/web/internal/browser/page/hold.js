// The page script, part of clicks: what was filled in is compared at the very click, before the page's
// own scripts hear of it. A click on a page that has lost it meanwhile does not get through.

// ---- holding
let watched = [], aim = null, sign = '', wide = false, state = 'off', listening = false;
const held = ([n, value]) => { const el = elements[n]; return !!el && el.isConnected && valueOf(el) === value; };
// Between the press and the click a page may format a text, but not empty or replace its field.
const formatted = ([n, value]) => { const el = elements[n]; return held([n, value]) || !!el && el.isConnected && !/^(checkbox|radio|select|multiple)$/.test(kindOf(el)) && valueOf(el) !== ''; };
const watch = (list, name) => {
  watched = list;
  if (sign === name) return;
  sign = name;
  const answer = (suffix, ok) => document.addEventListener(name + suffix, ev => { if (!watched.every(ok)) ev.preventDefault(); });
  answer(' held', held);
  answer(' formatted', formatted);
};
// Other frames of the page that this one can reach answer by an event under a name that only we know.
const elsewhere = suffix => {
  const ask = w => {
    try {
      if (w.document !== document && !w.document.dispatchEvent(new CustomEvent(sign + suffix, { cancelable: true }))) return false;
    } catch { /* of another site: the element clicked on cannot reach into it either */ }
    for (let i = 0; i < w.frames.length && i < 100; i++) if (!ask(w.frames[i])) return false;
    return true;
  };
  return !wide || ask(top);
};
const atClick = ev => {
  if (!ev.isTrusted || state === 'off' || state === 'through') return;
  if (state === 'armed') state = aim.isConnected && watched.every(held) && elsewhere(' held') ? 'pressed' : 'stopped';
  else if (state === 'pressed' && ev.type === 'click') state = aim.isConnected && watched.every(formatted) && elsewhere(' formatted') ? 'through' : 'stopped';
  if (state === 'stopped') { ev.preventDefault(); ev.stopImmediatePropagation(); }
};
// arm lets the next click through only when all that is watched holds its value still, and the element
// is still there; disarm says whether it was stopped.
const arm = (n, list, name, others) => {
  aim = element(n);
  watch(list, name);
  wide = others;
  state = 'armed';
  if (listening) return;
  listening = true;
  for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']) addEventListener(type, atClick, true);
};
const disarm = () => { const stopped = state === 'stopped'; state = 'off'; aim = null; return stopped; };

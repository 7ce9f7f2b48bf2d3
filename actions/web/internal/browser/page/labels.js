// The page script, first part: what is drawn, its text, and the labels of what stands there. It runs
// in a world of its own in every frame and reports what a person sees. It decides nothing: which field
// or button is meant is decided in Go. The parts are one function; world.go joins them.

const elements = [null], numbers = new WeakMap(), secret = new WeakSet();
const LIMIT = 5000, TEXT = 400;

const number = el => {
  let n = numbers.get(el);
  if (!n) { n = elements.length; elements.push(el); numbers.set(el, n); }
  return n;
};
const element = n => {
  const el = elements[n];
  if (!el || !el.isConnected) throw new Error('daiban: gone');
  return el;
};
const squeeze = s => (s || '').replace(/[\s ​﻿]+/g, ' ').trim();
const short = s => { s = squeeze(s); return s.length > TEXT ? s.slice(0, TEXT) : s; };
const tag = el => el.localName;
const role = el => (el.getAttribute('role') || '').trim().split(/\s+/)[0].toLowerCase();

// Children as they are drawn: of a host its shadow tree, of a slot what is put there.
const children = node => {
  if (node.nodeType === 1) {
    if (node.shadowRoot) return node.shadowRoot.childNodes;
    if (tag(node) === 'slot') { const a = node.assignedNodes({ flatten: true }); if (a.length) return a; }
  }
  return node.childNodes;
};
const parent = node => {
  if (node.assignedSlot) return node.assignedSlot;
  const p = node.parentNode;
  return p && p.nodeType === 11 && p.host ? p.host : p;
};
const within = (el, root) => { for (let p = el; p; p = parent(p)) if (p === root) return true; return false; };

const SKIP = new Set(['script', 'style', 'noscript', 'template', 'head', 'title', 'meta', 'link', 'iframe', 'frame', 'object', 'svg', 'canvas', 'video', 'audio']);
const drawn = el => {
  if (!el.checkVisibility) return true;
  return el.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true, opacityProperty: true, visibilityProperty: true });
};
// Visible: drawn, with room, and not moved out of the page.
const visible = el => {
  if (!drawn(el)) return false;
  const r = el.getBoundingClientRect();
  if (r.width < 1 && r.height < 1) return getComputedStyle(el).display === 'contents';
  const x = r.right + scrollX, y = r.bottom + scrollY;
  return x > 0 && y > 0 && !(r.width <= 2 && r.height <= 2);
};
// Away: moved off the page as a whole, where nobody can scroll to.
const away = (el, style) => {
  if (style.position !== 'absolute' && style.position !== 'fixed') return false;
  const r = el.getBoundingClientRect();
  return r.width >= 1 && r.height >= 1 && (r.right + scrollX <= 0 || r.bottom + scrollY <= 0);
};
const walk = (node, visit) => {
  for (const c of children(node)) {
    if (c.nodeType !== 1) continue;
    if (visit(c) !== false) walk(c, visit);
  }
};
const root = () => document.body || document.documentElement;
const all = pick => {
  const out = [];
  if (root()) walk(root(), el => { if (out.length < LIMIT && pick(el)) out.push(el); });
  return out;
};

// ---- text
const BLOCK = /^(block|flex|grid|table|list-item|table-row|table-caption|table-row-group|table-header-group|table-footer-group|flow-root)$/;
const gather = (node, out, opt) => {
  for (const c of children(node)) {
    if (out.size > opt.max) return;
    if (c.nodeType === 3) {
      const p = c.parentElement;
      const t = p && /^pre/.test(getComputedStyle(p).whiteSpace) ? c.data : c.data.replace(/\s+/g, ' ');
      if (t) { out.parts.push(t); out.size += t.length; }
      continue;
    }
    if (c.nodeType !== 1) continue;
    const name = tag(c);
    if (name === 'br') { out.parts.push('\n'); continue; }
    if (SKIP.has(name)) { if (opt.alt && name === 'svg') { const t = c.querySelector('title'); if (t) out.parts.push(' ' + t.textContent + ' '); } continue; }
    if (opt.stop && opt.stop(c)) continue;
    if (name === 'img') { if (opt.alt && c.alt) out.parts.push(' ' + c.alt + ' '); continue; }
    if (/^(input|textarea|select)$/.test(name)) {
      if (opt.values && drawn(c)) { const v = shown(c); if (v) { out.parts.push(' ' + v + ' '); out.size += v.length; } }
      continue;
    }
    const style = getComputedStyle(c);
    if (style.display === 'none' || (!opt.hidden && !drawn(c) && style.display !== 'contents')) continue;
    if (opt.seen && away(c, style)) continue;
    const block = BLOCK.test(style.display), cell = style.display === 'table-cell';
    if (block) out.parts.push('\n');
    gather(c, out, opt);
    if (block) out.parts.push('\n'); else if (cell) out.parts.push('\t'); else if (/^inline-/.test(style.display)) out.parts.push(' ');
  }
};
const tidy = s => s.replace(/[  ​﻿]+/g, ' ').replace(/ *\t[ \t]*/g, '\t').replace(/[ \t]*\n[ \t]*/g, '\n').replace(/\n{2,}/g, '\n').trim();
const textOf = (el, opt) => { const out = { parts: [], size: 0 }; gather(el, out, Object.assign({ max: 4000 }, opt)); return tidy(out.parts.join('')); };
// What a field shows; never a password.
const shown = el => {
  if (secret.has(el) || el.type === 'password' || el.type === 'hidden' || el.type === 'checkbox' || el.type === 'radio') return '';
  if (tag(el) === 'select') return [...el.selectedOptions].map(o => squeeze(o.text)).join(', ');
  if (/^(button|reset|image)$/.test(el.type)) return el.value || el.alt || '';
  return el.value || '';
};
const isControl = el => {
  const n = tag(el);
  if (n === 'input') return !/^(hidden|submit|button|reset|image)$/.test(el.type);
  if (n === 'textarea' || n === 'select') return true;
  if (el.isContentEditable && !(parent(el) && parent(el).isContentEditable)) return true;
  return /^(textbox|searchbox|combobox|listbox|switch|checkbox|radiogroup|spinbutton|slider)$/.test(role(el));
};
const words = el => short(textOf(el, { stop: isControl, alt: true }));
const named = el => short(textOf(el, { stop: isControl, alt: true, hidden: true }));

// ---- labels
const byIds = (el, attr) => {
  const ids = squeeze(el.getAttribute(attr));
  if (!ids) return '';
  const r = el.getRootNode();
  return squeeze(ids.split(' ').map(id => { const x = r.getElementById && r.getElementById(id); return x ? named(x) : ''; }).join(' '));
};
const heading = el => /^h[1-6]$/.test(tag(el)) || role(el) === 'heading' || tag(el) === 'legend' || tag(el) === 'caption';
// The names of the groups that an element stands in, the inner first.
const groups = el => {
  const out = [];
  const add = s => { s = short(s); if (s && s.length < 80 && !out.includes(s)) out.push(s); };
  for (let p = parent(el), depth = 0; p && p.nodeType === 1 && depth < 40 && out.length < 6; p = parent(p), depth++) {
    const n = tag(p), r = role(p);
    if (n === 'fieldset') { const l = [...p.children].find(c => tag(c) === 'legend'); if (l) add(words(l)); }
    if (n === 'table') { const c = p.caption; if (c) add(words(c)); }
    if (n === 'details') { const s = p.querySelector('summary'); if (s) add(words(s)); }
    if (n === 'fieldset' || n === 'form' || n === 'section' || n === 'dialog' || n === 'article' || /^(group|radiogroup|region|form|dialog|tabpanel|alertdialog|article)$/.test(r)) {
      add(byIds(p, 'aria-labelledby')); add(p.getAttribute('aria-label'));
    }
    if (p === document.body) break;
    // A heading before it, on the way up.
    for (let s = p.previousElementSibling, k = 0; s && k < 12; s = s.previousElementSibling, k++) {
      if (heading(s)) { add(words(s)); break; }
      if (s.querySelector && s.querySelector('h1,h2,h3,h4,h5,h6,input,select,textarea')) { const h = s.matches('header') && s.querySelector('h1,h2,h3,h4,h5,h6'); if (h) add(words(h)); break; }
    }
    const kid = [...p.children].find(c => heading(c) && !within(el, c));
    if (kid && kid.compareDocumentPosition(el) & 4 && tag(kid) !== 'legend' && tag(kid) !== 'caption') {
      let best = kid;
      for (const c of p.children) if (heading(c) && c.compareDocumentPosition(el) & 4) best = c;
      add(words(best));
    }
  }
  return out;
};
const cellOf = el => { for (let p = parent(el); p && p.nodeType === 1; p = parent(p)) { if (/^t[dh]$/.test(tag(p)) || /^(cell|gridcell)$/.test(role(p))) return p; if (p === document.body) return null; } return null; };
const rowOf = el => { for (let p = parent(el); p && p.nodeType === 1; p = parent(p)) { if (tag(p) === 'tr' || role(p) === 'row') return p; if (tag(p) === 'body') return null; } return null; };
const column = cell => { let n = 0; for (let c = cell.previousElementSibling; c; c = c.previousElementSibling) n += c.colSpan || 1; return n; };
const cellAt = (row, n) => { let k = 0; for (const c of row.children) { const w = c.colSpan || 1; if (n < k + w) return c; k += w; } return null; };
const hasControl = el => { let found = false; walk(el, c => { if (isControl(c)) found = true; return !found; }); return found || isControl(el); };
const cellLabels = (el, add) => {
  const cell = cellOf(el);
  if (!cell) return;
  for (let c = cell.previousElementSibling; c; c = c.previousElementSibling) {
    if (hasControl(c)) break;
    const t = words(c);
    if (t) { add('cell', t); break; }
  }
  const row = rowOf(cell), table = row && row.closest('table,[role=table],[role=grid]');
  if (!table) return;
  const n = column(cell), rows = [...table.querySelectorAll('tr,[role=row]')];
  for (const r of rows) {
    if (r === row) break;
    const c = cellAt(r, n);
    if (c && (tag(c) === 'th' || role(c) === 'columnheader') && !hasControl(c)) { add('head', words(c)); return; }
  }
  const i = rows.indexOf(row);
  if (i > 0) {
    const above = cellAt(rows[i - 1], n);
    if (above && !hasControl(above) && ![...row.children].some(c => !hasControl(c) && words(c))) add('above', words(above));
  }
  if (rows.length && rows[0] !== row) { const c = cellAt(rows[0], n); if (c && !hasControl(c)) add('head', words(c)); }
};
// The text that stands before an element, up to the control before it.
const before = el => {
  let text = '', at = null;
  for (let node = el, depth = 0; node && depth < 6; node = parent(node), depth++) {
    for (let s = node.previousSibling; s; s = s.previousSibling) {
      if (s.nodeType === 3) { text = s.data + text; if (squeeze(s.data)) at = s; continue; }
      if (s.nodeType !== 1 || SKIP.has(tag(s)) || !drawn(s)) continue;
      if (hasControl(s)) return near(el, at) ? squeeze(text) : '';
      text = textOf(s, { alt: true }) + ' ' + text;
      if (squeeze(text)) { at = at || s; break; }
    }
    if (squeeze(text)) return near(el, at) ? lastLine(text) : '';
    const p = parent(node);
    if (!p || p.nodeType !== 1 || /^(form|body|fieldset|section|td|th|tr|table|dialog|main)$/.test(tag(p))) break;
  }
  return near(el, at) ? squeeze(text) : '';
};
// What stands before an element in the code counts when it stands left of it, or closely above, on the screen.
const near = (el, node) => {
  if (!node) return true;
  const r = el.getBoundingClientRect(), range = document.createRange();
  range.selectNodeContents(node);
  const b = range.getBoundingClientRect();
  if (r.width < 1 || b.width < 1) return true;
  if (Math.min(b.bottom, r.bottom) > Math.max(b.top, r.top)) return b.left <= r.left + 4;
  return b.bottom <= r.top + 8 && r.top - b.bottom < 100 && b.left < r.right && b.right > r.left - 300;
};
const lastLine = s => { const lines = s.split('\n').map(squeeze).filter(Boolean); return lines.length ? short(lines[lines.length - 1]) : ''; };
const after = el => {
  let text = '';
  for (let node = el, depth = 0; node && depth < 3; node = parent(node), depth++) {
    for (let s = node.nextSibling; s; s = s.nextSibling) {
      if (s.nodeType === 3) { text += s.data; continue; }
      if (s.nodeType !== 1 || SKIP.has(tag(s))) continue;
      if (tag(s) === 'br' || hasControl(s)) return squeeze(text);
      text += ' ' + words(s);
    }
    if (squeeze(text)) return short(text);
    const p = parent(node);
    if (!p || p.nodeType !== 1 || /^(form|body|fieldset|section|td|th|tr|table|div|p|li)$/.test(tag(p))) break;
  }
  return short(text);
};
// The text that stands left of, or above, an element on the screen: for labels that only style binds.
let blocks = null;
const textBlocks = () => {
  if (blocks) return blocks;
  blocks = [];
  walk(root(), el => {
    if (SKIP.has(tag(el)) || isControl(el)) return false;
    if (blocks.length > 3000) return false;
    const own = [...el.childNodes].some(c => c.nodeType === 3 && squeeze(c.data));
    if (own && visible(el) && !/^(button|a)$/.test(tag(el))) { const t = words(el); if (t && t.length < 60) blocks.push([el.getBoundingClientRect(), t]); }
  });
  return blocks;
};
const beside = (el, add) => {
  const r = el.getBoundingClientRect();
  if (r.width < 1) return;
  let left = null, dl = 400, up = null, du = 60;
  for (const [b, t] of textBlocks()) {
    const overlapY = Math.min(b.bottom, r.bottom) - Math.max(b.top, r.top), overlapX = Math.min(b.right, r.right) - Math.max(b.left, r.left);
    if (overlapY > Math.min(b.height, r.height) / 2 && b.right <= r.left + 4 && r.left - b.right < dl) { dl = r.left - b.right; left = t; }
    if (overlapX > 0 && b.bottom <= r.top + 4 && r.top - b.bottom < du && Math.abs(b.left - r.left) < 80) { du = r.top - b.bottom; up = t; }
  }
  if (left) add('left', left);
  if (up) add('over', up);
};

const labelsOf = el => {
  const out = [], seen = new Set();
  const add = (kind, text) => { text = short(text); if (text && text.length <= 200 && !seen.has(kind + text)) { seen.add(kind + text); out.push([kind, text]); } };
  for (const l of el.labels || []) add('label', named(l));
  if (!(el.labels && el.labels.length)) for (let p = parent(el); p && p.nodeType === 1; p = parent(p)) if (tag(p) === 'label') { add('label', named(p)); break; }
  // A label of an outer tree, for a field in a shadow tree of its own.
  const host = el.getRootNode().host;
  if (host) {
    add('aria', byIds(host, 'aria-labelledby')); add('aria', host.getAttribute('aria-label')); add('aria', host.getAttribute('label'));
    if (host.id) { const r = host.getRootNode(), l = r.querySelector && r.querySelector('label[for="' + CSS.escape(host.id) + '"]'); if (l) add('label', named(l)); }
    if (out.length === 0 && onlyControl(el, host)) { cellLabels(host, add); const b = before(host); if (b) add('before', b); }
  }
  add('aria', byIds(el, 'aria-labelledby'));
  add('aria', el.getAttribute('aria-label'));
  add('placeholder', el.getAttribute('placeholder') || el.getAttribute('data-placeholder') || el.getAttribute('aria-placeholder'));
  add('title', el.getAttribute('title'));
  cellLabels(el, add);
  for (let p = parent(el), k = 0; p && p.nodeType === 1 && k < 4; p = parent(p), k++) {
    if (tag(p) === 'dd') { let d = p.previousElementSibling; while (d && tag(d) !== 'dt') d = d.previousElementSibling; if (d) add('cell', words(d)); break; }
    if (tag(p) === 'form' || tag(p) === 'body') break;
  }
  const box = el.type === 'checkbox' || el.type === 'radio' || /^(checkbox|radio|switch)$/.test(role(el));
  if (box) add('after', after(el));
  if (/^(checkbox|radio|switch)$/.test(role(el)) && tag(el) !== 'input') add('label', words(el));
  const b = before(el);
  if (b && b.length < 80) add('before', b);
  if (out.length === 0) beside(el, add);
  const name = el.getAttribute('name') || el.id;
  if (name && /^[A-Za-z一-鿿][\w.\-一-鿿]*$/.test(name)) add('name', name.replace(/[_\-.]+/g, ' ').replace(/([a-z])([A-Z])/g, '$1 $2'));
  return out;
};
const onlyControl = (el, host) => { let n = 0; walk(host, c => { if (isControl(c)) n++; }); return n === 1; };

// The page script: it runs in a world of its own in every frame and reports what a person sees
// there. It decides nothing: which field or button is meant is decided in Go.
(() => {
  if (globalThis.__daiban) return;
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

  // ---- fields
  const modal = () => {
    let top = null;
    walk(root(), el => {
      if ((tag(el) === 'dialog' && el.open || role(el) === 'dialog' || role(el) === 'alertdialog') && (el.matches(':modal') || el.getAttribute('aria-modal') === 'true') && visible(el)) top = el;
    });
    return top;
  };
  const labelVisible = el => [...(el.labels || [])].some(visible);
  const usable = el => visible(el) || (/^(checkbox|radio|file)$/.test(el.type) && (labelVisible(el) || el.type === 'file' && !el.closest('[hidden]') || parent(el) && parent(el).nodeType === 1 && tag(parent(el)) !== 'body' && visible(parent(el)) && !el.hidden));
  const disabled = el => el.matches(':disabled') || el.getAttribute('aria-disabled') === 'true' || !!el.closest('[inert]');
  const kindOf = el => {
    const n = tag(el), r = role(el);
    if (n === 'select') return el.multiple ? 'multiple' : 'select';
    if (n === 'textarea') return 'textarea';
    if (n === 'input' && (el.type === 'checkbox' || el.type === 'radio' || el.type === 'file')) return el.type;
    if (r === 'combobox' || n === 'input' && (el.getAttribute('aria-haspopup') === 'listbox')) return 'combobox';
    if (n === 'input') return el.type;
    if (r === 'switch') return 'checkbox';
    if (r && r !== 'textbox' && r !== 'searchbox') return r;
    return 'editable';
  };
  const optionsOf = el => [...el.options].slice(0, 3000).map((o, i) => ({ text: squeeze(o.text) || o.label, value: o.value, index: i, on: o.selected, off: o.disabled || !!(o.parentElement && o.parentElement.disabled), group: o.parentElement && tag(o.parentElement) === 'optgroup' ? o.parentElement.label : '' }));
  const checked = el => 'checked' in el && tag(el) === 'input' ? el.checked : el.getAttribute('aria-checked') === 'true' || el.getAttribute('aria-selected') === 'true';
  const ownLabel = el => {
    const l = [...(el.labels || [])].map(named).find(Boolean) || byIds(el, 'aria-labelledby') || el.getAttribute('aria-label') || after(el) || (tag(el) === 'input' ? '' : words(el)) || before(el);
    return short(l) || short(el.value);
  };
  const valueOf = el => {
    const k = kindOf(el);
    if (k === 'select' || k === 'multiple') return [...el.selectedOptions].map(o => squeeze(o.text) || o.value).join('\n');
    if (k === 'checkbox' || k === 'radio') return checked(el) ? 'true' : 'false';
    if (k === 'file') return [...el.files].map(f => f.name).join('\n');
    if (k === 'editable') return textOf(el, { hidden: true });
    if (k === 'combobox' && !('value' in el)) return squeeze(textOf(el, {}));
    if (k === 'listbox') return [...el.querySelectorAll('[role=option]')].filter(checked).map(words).join('\n');
    if (k === 'slider' && !('value' in el)) return el.getAttribute('aria-valuenow') || '';
    if (secret.has(el) || el.type === 'password') return el.value ? '•' : '';
    return 'value' in el ? el.value : squeeze(textOf(el, {}));
  };
  const describe = el => {
    const k = kindOf(el);
    const f = { id: number(el), kind: k, form: el.form ? number(el.form) : 0, labels: labelsOf(el), groups: groups(el), value: valueOf(el), disabled: disabled(el),
      readonly: !!el.readOnly || el.getAttribute('aria-readonly') === 'true', required: !!el.required || el.getAttribute('aria-required') === 'true',
      max: el.maxLength > 0 ? el.maxLength : 0, multiple: !!el.multiple, pattern: el.getAttribute('pattern') || '', hint: el.getAttribute('placeholder') || '', auto: el.getAttribute('autocomplete') || '' };
    if (k === 'select' || k === 'multiple') f.options = optionsOf(el);
    const row = rowOf(el);
    if (row) { const c = [...row.children].find(c => !hasControl(c) && words(c)); if (c) f.row = words(c); }
    return f;
  };
  // Radios, and checkboxes of one name, are one field with options.
  const groupOf = (kind, els) => {
    const first = els[0];
    const f = { id: number(first), kind: kind + 's', form: first.form ? number(first.form) : 0, labels: [], groups: groups(first), value: els.filter(checked).map(ownLabel).join('\n'), disabled: els.every(disabled), readonly: false,
      options: els.map((e, i) => ({ text: ownLabel(e), value: e.value || '', index: i, on: checked(e), off: disabled(e), id: number(e) })) };
    const own = new Set(f.options.map(o => o.text));
    let common = parent(first);
    while (common && common.nodeType === 1 && !els.every(e => within(e, common))) common = parent(common);
    const add = (k, t) => { t = short(t); if (t && !own.has(t) && !f.labels.some(([, x]) => x === t)) f.labels.push([k, t]); };
    if (common && common.nodeType === 1) {
      if (common.matches('fieldset,[role=radiogroup],[role=group]')) {
        const l = [...common.children].find(c => tag(c) === 'legend');
        if (l) add('label', words(l));
        add('aria', byIds(common, 'aria-labelledby')); add('aria', common.getAttribute('aria-label'));
      }
      const inside = [];
      for (const c of children(common)) {
        if (c.nodeType === 1 && (hasControl(c) || els.includes(c))) break;
        if (c.nodeType === 3 ? squeeze(c.data) : c.nodeType === 1 && !SKIP.has(tag(c))) inside.push(c.nodeType === 3 ? c.data : words(c));
      }
      add('before', lastLine(inside.join('\n')));
    }
    cellLabels(first, add);
    if (common && common.nodeType === 1) { cellLabels(common, add); const b = before(common); if (b.length < 80) add('before', b); }
    const g = first.closest('fieldset'), leg = g && [...g.children].find(c => tag(c) === 'legend');
    if (leg && f.labels.length === 0) add('label', words(leg));
    if (f.labels.length === 0) beside(first, add);
    const name = first.name;
    if (name && /^[A-Za-z一-鿿][\w.\-一-鿿]*$/.test(name)) add('name', name.replace(/[_\-.\[\]]+/g, ' ').trim());
    return f;
  };
  const fields = () => {
    blocks = null;
    const top = modal(), out = [], radios = new Map(), boxes = new Map();
    const put = (map, key, el) => { if (!map.has(key)) map.set(key, []); map.get(key).push(el); };
    const found = all(el => isControl(el) && !(el.parentNode && el.parentNode.nodeType === 1 && el.parentNode.closest && role(el) !== 'radiogroup' && tag(el) !== 'input' && tag(el) !== 'select' && tag(el) !== 'textarea' && /^(listbox)$/.test(role(el)) && el.closest('[role=combobox]')));
    for (const el of found) {
      if (!usable(el) || top && !within(el, top)) continue;
      const r = role(el);
      if (r === 'radiogroup') {
        const kids = [...el.querySelectorAll('[role=radio]')];
        if (kids.length && !el.querySelector('input[type=radio]')) {
          const f = groupOf('radio', kids);
          for (const l of labelsOf(el)) if (l[0] !== 'before' || f.labels.length === 0) f.labels.push(l);
          out.push(f);
        }
        continue;
      }
      if (r === 'combobox' && tag(el) !== 'input' && tag(el) !== 'select') { const i = el.querySelector('input:not([type=hidden])'); if (i && visible(i)) continue; }
      if (el.type === 'radio') { put(radios, (el.form ? number(el.form) : 0) + '/' + (el.name || number(parent(el))), el); continue; }
      if (el.type === 'checkbox' && tag(el) === 'input') {
        if (el.name) put(boxes, (el.form ? number(el.form) : 0) + '/' + el.name.replace(/\[\d*\]$/, ''), el);
        else { const g = el.closest('fieldset,[role=group]'); if (g) put(boxes, 'g' + number(g), el); }
      }
      out.push(describe(el));
    }
    for (const els of radios.values()) out.push(groupOf('radio', els));
    for (const els of boxes.values()) if (els.length > 1) out.push(groupOf('checkbox', els));
    out.sort((a, b) => elements[a.id].compareDocumentPosition(elements[b.id]) & 4 ? -1 : 1);
    return out;
  };

  // ---- what can be clicked
  const CLICK = /^(button|link|tab|menuitem|menuitemcheckbox|menuitemradio|option|checkbox|radio|switch|treeitem)$/;
  const clickable = el => {
    const n = tag(el);
    if (n === 'a') return el.hasAttribute('href') || el.hasAttribute('onclick') || CLICK.test(role(el)) || getComputedStyle(el).cursor === 'pointer';
    if (n === 'input') return /^(submit|button|reset|image|checkbox|radio)$/.test(el.type);
    if (n === 'button' || n === 'summary' || n === 'area') return true;
    if (n === 'label') return !!el.control;
    return CLICK.test(role(el)) || el.hasAttribute('onclick');
  };
  const pointer = el => {
    if (!el.getAttribute) return false;
    const p = parent(el);
    return getComputedStyle(el).cursor === 'pointer' && (!p || p.nodeType !== 1 || getComputedStyle(p).cursor !== 'pointer');
  };
  const formOf = el => {
    const f = el.form || el.closest('form');
    return f ? { method: (el.formMethod && el.hasAttribute('formmethod') ? el.formMethod : f.method || 'get').toLowerCase(), id: number(f) } : null;
  };
  const signalsOf = el => {
    const out = [], add = (k, t) => { t = short(t); if (t && !out.some(([, x]) => x === t)) out.push([k, t]); };
    if (tag(el) === 'input') { if (el.type !== 'checkbox' && el.type !== 'radio') add('text', el.value); if (!el.value && el.type === 'submit') { add('text', '提交'); add('text', 'Submit'); }; for (const l of el.labels || []) add('text', named(l)); add('aria', el.alt); }
    else add('text', words(el));
    add('aria', el.getAttribute('aria-label')); add('aria', byIds(el, 'aria-labelledby'));
    add('title', el.getAttribute('title')); add('title', el.getAttribute('data-title') || el.getAttribute('data-tooltip'));
    for (const i of el.querySelectorAll ? el.querySelectorAll('img[alt],svg[aria-label],svg title,[title]') : []) add('aria', i.getAttribute('alt') || i.getAttribute('aria-label') || i.getAttribute('title') || i.textContent);
    return out;
  };
  const context = el => {
    const out = groups(el), row = rowOf(el);
    if (row) { const texts = [...row.children].filter(c => !within(el, c)).map(words).filter(Boolean).slice(0, 4); if (texts.length) out.unshift(texts.join(' ')); }
    else { const li = el.closest && el.closest('li,[role=listitem],article,[class*=card],[class*=item]'); if (li) { const t = short(textOf(li, { stop: c => c === el || clickable(c) })); if (t && t.length < 100) out.unshift(t.replace(/\n/g, ' ')); } }
    return out;
  };
  const clickables = () => {
    const top = modal(), out = [];
    for (const el of all(e => clickable(e) || pointer(e))) {
      const seen = visible(el) || (tag(el) === 'input' && usable(el));
      if (!seen || top && !within(el, top)) continue;
      const labels = signalsOf(el);
      if (!labels.length) continue;
      const form = formOf(el), twin = tag(el) === 'label' ? el.control : /^(checkbox|radio)$/.test(el.type) ? el : null;
      out.push({ same: twin ? 'control ' + number(twin) : '', id: number(el), kind: tag(el) === 'a' && el.hasAttribute('href') ? 'link' : tag(el) === 'input' ? el.type : role(el) || (clickable(el) ? tag(el) : 'pointer'),
        labels, groups: context(el), disabled: disabled(el), href: tag(el) === 'a' || tag(el) === 'area' ? el.href && String(el.href.baseVal || el.href) || '' : '', target: el.getAttribute('target') || '',
        form: form ? form.id : 0, method: form ? form.method : '', submit: (tag(el) === 'button' && el.type === 'submit' || tag(el) === 'input' && /^(submit|image)$/.test(el.type)) && !!form, download: el.hasAttribute('download') });
    }
    const place = new Map(out.map((c, i) => [elements[c.id], i + 1]));
    for (const c of out) for (let p = parent(elements[c.id]); p; p = parent(p)) if (place.has(p)) { c.inside = place.get(p); break; }
    return out;
  };
  // Elements whose own text is exactly a text, for what no script-free sign shows to be clickable.
  const texts = () => {
    const top = modal(), out = [];
    for (const el of all(e => [...e.childNodes].some(c => c.nodeType === 3 && squeeze(c.data)))) {
      if (out.length > 2000 || !visible(el) || top && !within(el, top)) continue;
      const t = words(el);
      if (t && t.length < 100) out.push({ id: number(el), kind: 'text', labels: [['text', t]], groups: context(el), disabled: false, href: '', form: 0, method: '', submit: false });
    }
    return out;
  };
  const sending = n => {
    const el = n ? element(n) : null, f = el && (el.form || el.closest('form') || (tag(el) === 'form' ? el : null));
    const out = [];
    for (const c of all(isControl)) {
      if (out.length > 200 || f && c.form !== f) continue;
      if (!f && !usable(c)) continue;
      const k = kindOf(c);
      if ((k === 'radio' || k === 'checkbox') && !checked(c)) continue;
      const v = k === 'radio' || k === 'checkbox' ? ownLabel(c) : valueOf(c);
      if (!v) continue;
      const l = labelsOf(c).find(([k]) => k !== 'placeholder') || labelsOf(c)[0];
      out.push([l ? l[1] : k, secret.has(c) || c.type === 'password' ? '••••' : short(v)]);
    }
    return out;
  };

  // ---- acting
  const frame = () => new Promise(ok => { let done = false; const end = () => { if (!done) { done = true; ok(); } }; requestAnimationFrame(end); setTimeout(end, 120); });
  const still = async el => {
    let last = '';
    for (let i = 0, same = 0; i < 120; i++) {
      const r = el.getBoundingClientRect(), now = [r.left, r.top, r.width, r.height].map(x => x.toFixed(1)).join();
      same = now === last ? same + 1 : 0;
      if (same >= 2) return true;
      last = now;
      await frame();
      if (!el.isConnected) throw new Error('daiban: gone');
    }
    return false;
  };
  const nameOf = el => { const t = words(el); return (t && t.length < 60 ? t : tag(el) + (el.id ? '#' + el.id : '') + (el.className && typeof el.className === 'string' ? '.' + el.className.split(' ')[0] : '')) || tag(el); };
  const hit = (x, y) => { let el = document.elementFromPoint(x, y); while (el && el.shadowRoot) { const in_ = el.shadowRoot.elementFromPoint(x, y); if (!in_ || in_ === el) break; el = in_; } return el; };
  const target = el => (!visible(el) && el.labels && [...el.labels].find(visible)) || (!visible(el) && parent(el) && parent(el).nodeType === 1 && visible(parent(el)) ? parent(el) : el);
  const ready = async n => {
    let r = await readyAt(n);
    for (const block of ['start', 'end', 'nearest']) { // what lies over it may stay where it is while the page scrolls
      if (!r.Covered || r.Left === undefined) break;
      target(element(n)).scrollIntoView({ block, behavior: 'instant' });
      r = await readyAt(n, true);
    }
    return r;
  };
  const readyAt = async (n, stay) => {
    const el = target(element(n));
    const r0 = el.getBoundingClientRect();
    if (!stay) if (r0.top < 0 || r0.left < 0 || r0.bottom > innerHeight || r0.right > innerWidth) el.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    if (!await still(el)) return { Covered: nameOf(el) + ' (moving)' };
    if (!visible(el)) return { Hidden: true };
    if (disabled(element(n))) return { Disabled: true };
    const rects = [...el.getClientRects()].filter(r => r.width > 0 && r.height > 0);
    if (!rects.length) return { Hidden: true };
    const first = rects[0];
    let over = null;
    for (const r of rects) for (const [fx, fy] of [[.5, .5], [.25, .5], [.75, .5], [.5, .25], [.5, .75], [.1, .5]]) {
      const x = Math.min(r.left + r.width * fx, innerWidth - 1), y = Math.min(r.top + r.height * fy, innerHeight - 1);
      const h = hit(x, y);
      if (h && (within(h, el) || within(el, h) && !clickable(h) && h.contains(el) && tag(h) === 'label' || el.control === h)) return { X: x, Y: y, Left: first.left, Top: first.top };
      if (h && tag(el) === 'input' && h.control === el) return { X: x, Y: y, Left: first.left, Top: first.top };
      over = over || h;
    }
    return { Covered: over ? nameOf(over) : '?', Left: first.left, Top: first.top };
  };
  const over = (x, y) => { const h = hit(x, y); return !h || /^(iframe|frame|object|embed)$/.test(tag(h)) ? '' : nameOf(h); };
  const setter = el => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(el), 'value').set;
  const fire = (el, type) => el.dispatchEvent(type === 'input' ? new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertReplacementText' }) : new Event(type, { bubbles: true, composed: true }));
  // Focus goes to a field and all in it is selected, so that what comes replaces it.
  const focus = n => {
    const el = element(n);
    if (disabled(el)) return 'disabled';
    if (el.readOnly || el.getAttribute('aria-readonly') === 'true') return 'readonly';
    el.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' });
    el.focus();
    if (!('value' in el)) { const s = getSelection(); s.selectAllChildren(el); } else if (el.select) el.select();
    return '';
  };
  const setValue = (n, value) => { const el = element(n); if (disabled(el)) return 'disabled'; if (el.readOnly) return 'readonly'; el.focus(); if ('value' in el) setter(el).call(el, value); else el.textContent = value; fire(el, 'input'); fire(el, 'change'); return ''; };
  const clear = n => { const el = element(n); el.focus(); if ('value' in el) { setter(el).call(el, ''); } else el.textContent = ''; fire(el, 'input'); };
  const choose = (n, indexes) => {
    const el = element(n);
    if (disabled(el)) return 'disabled';
    el.focus();
    if (el.multiple) for (let i = 0; i < el.options.length; i++) el.options[i].selected = indexes.includes(i);
    else el.selectedIndex = indexes[0];
    fire(el, 'input'); fire(el, 'change');
    return '';
  };
  const isOn = n => checked(element(n));
  const force = n => { const el = element(n); el.click(); };
  const blur = () => { let a = document.activeElement; while (a && a.shadowRoot && a.shadowRoot.activeElement) a = a.shadowRoot.activeElement; if (a && a !== document.body) a.blur(); };
  const markSecret = n => { secret.add(element(n)); };
  const secrets = () => all(el => (secret.has(el) || tag(el) === 'input' && el.type === 'password') && visible(el)).map(number);
  const value = n => valueOf(element(n));
  const read = ids => ids.map(n => { const el = elements[n]; return el && el.isConnected ? { value: valueOf(el), bad: el.matches(':user-invalid, [aria-invalid=true]') ? el.validationMessage || 'aria-invalid' : '', disabled: disabled(el) } : { gone: true }; });
  // The options that a list that has opened shows, outside native selects.
  const choices = n => {
    const el = n ? element(n) : null;
    let lists = [];
    if (el) for (const a of ['aria-controls', 'aria-owns']) for (const id of squeeze(el.getAttribute(a)).split(' ')) { const x = id && el.getRootNode().getElementById && el.getRootNode().getElementById(id); if (x) lists.push(x); }
    const inside = e => lists.length === 0 || lists.some(l => within(e, l));
    let found = all(e => role(e) === 'option' && visible(e) && inside(e));
    if (!found.length) found = all(e => role(e) === 'option' && visible(e));
    if (!found.length) found = all(e => tag(e) === 'li' && visible(e) && e.closest('[role=listbox],[class*=dropdown],[class*=select],[class*=menu],[class*=option],[class*=autocomplete],[class*=suggest]') && (!el || !within(el, e)));
    return found.slice(0, 500).map((e, i) => ({ text: words(e), value: e.getAttribute('data-value') || e.getAttribute('value') || '', index: i, on: checked(e), off: disabled(e), id: number(e) }));
  };

  // ---- reading
  const text = () => { const out = { parts: [], size: 0 }; if (root()) gather(root(), out, { max: 2e6, values: true, alt: false }); return tidy(out.parts.join('')); };
  const hiddenFrame = () => innerWidth < 2 || innerHeight < 2;
  const pairs = () => {
    const out = [], add = (kind, k, v) => { k = short(k); v = (v || '').trim(); if (k && v && out.length < 3000) out.push([kind, k, v]); };
    for (const el of all(e => tag(e) === 'dt' || tag(e) === 'th' || tag(e) === 'td' || tag(e) === 'label' || heading(e) || e.childElementCount > 0 || squeeze(e.textContent).length < 300)) {
      if (!visible(el)) continue;
      const n = tag(el);
      if (n === 'dt') { const d = el.nextElementSibling; if (d && tag(d) === 'dd') add('cell', words(el), textOf(d, { values: true })); continue; }
      if (n === 'th' || n === 'td') { const c = el.nextElementSibling; if (c && tag(c) === 'td') add('cell', words(el), textOf(c, { values: true })); continue; }
      const own = [...el.childNodes].filter(c => c.nodeType === 3).map(c => c.data).join(' ');
      const line = squeeze(textOf(el, { values: true }));
      const m = /^([^:：]{1,40})[:：]\s*(.+)$/.exec(line);
      if (m && line.length < 300 && !/^https?$/.test(m[1])) add('line', m[1], m[2]);
      else if (squeeze(own) && line.length < 60 && !isControl(el)) {
        let s = el.nextElementSibling, p = el;
        while (!s && parent(p) && parent(p).nodeType === 1 && squeeze(textOf(parent(p), { values: true })) === line) { p = parent(p); s = p.nextElementSibling; }
        if (s && visible(s) && !heading(s)) { const v = textOf(s, { values: true }); if (v.length < 2000) add('next', line, v); }
      }
    }
    return out;
  };
  const tables = () => {
    const out = [];
    const cellOfTable = c => ({ text: textOf(c, { values: true, alt: true }), head: tag(c) === 'th' || /^(columnheader|rowheader)$/.test(role(c)), cols: +(c.colSpan || c.getAttribute('aria-colspan')) || 1, rows: +(c.rowSpan || c.getAttribute('aria-rowspan')) || 1 });
    for (const t of all(e => tag(e) === 'table' || /^(table|grid|treegrid)$/.test(role(e)))) {
      if (out.length >= 200 || !visible(t) || /^(presentation|none)$/.test(role(t))) continue;
      if (t.querySelector('table,[role=table],[role=grid]')) continue;
      const native = tag(t) === 'table';
      const rows = native ? [...t.rows] : [...t.querySelectorAll('[role=row]')];
      const data = [];
      for (const r of rows) {
        if (data.length >= 20000) break;
        if (getComputedStyle(r).display === 'none') continue;
        const cells = native ? [...r.cells] : [...r.querySelectorAll('[role=cell],[role=gridcell],[role=columnheader],[role=rowheader],td,th')];
        if (cells.length) data.push({ cells: cells.filter(c => getComputedStyle(c).display !== 'none').map(cellOfTable), head: native && tag(r.parentNode) === 'thead', foot: native && tag(r.parentNode) === 'tfoot' });
      }
      if (data.length) out.push({ caption: t.caption ? words(t.caption) : byIds(t, 'aria-labelledby') || t.getAttribute('aria-label') || groups(t)[0] || '', rows: data, near: number(parent(parent(t)) || t) });
    }
    return out;
  };
  // What a page says is wrong, as a person would see it.
  const WRONG = /(^|[-_\s])(error|errors|invalid|danger|fail|failed|warning|explain|err|has-error|is-error)([-_\s]|$)/i;
  const complaints = () => {
    const out = [];
    const add = (kind, t) => { t = short(t); if (t && t.length < 300 && out.length < 100 && !out.some(x => x[1] === t)) out.push([kind, t]); };
    for (const el of all(e => role(e) === 'alert' || e.getAttribute('aria-live') === 'assertive' || typeof e.className === 'string' && WRONG.test(e.className) || e.getAttribute('aria-invalid') === 'true')) {
      if (!visible(el)) continue;
      if (isControl(el)) { const t = byIds(el, 'aria-errormessage') || byIds(el, 'aria-describedby'); if (el.getAttribute('aria-invalid') === 'true' && t) add('field', t); continue; }
      if (hasControl(el) || clickable(el)) continue;
      add(role(el) === 'alert' || el.getAttribute('aria-live') ? 'alert' : 'style', words(el));
    }
    return out;
  };
  const invalid = n => {
    const el = n ? element(n) : null, f = el && (el.form || el.closest('form'));
    const out = [];
    for (const c of all(isControl)) {
      if (out.length > 20 || f && c.form !== f || !c.validity || c.validity.valid || !c.willValidate || f && f.noValidate) continue;
      const l = labelsOf(c)[0];
      out.push([l ? l[1] : kindOf(c), c.validationMessage]);
    }
    return out;
  };
  const quietFrames = async () => { await frame(); await frame(); };
  const title = () => document.title;

  globalThis.__daiban = { element, fields, clickables, texts, sending, ready, over, focus, setValue, clear, choose, isOn, force, blur, markSecret, secrets, value, read, choices,
    text, pairs, tables, complaints, invalid, frames: quietFrames, title, hiddenFrame };
})()

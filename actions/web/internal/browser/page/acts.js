// The page script, third part: doing things to elements, and reading the page.

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
const active = () => { let a = document.activeElement; while (a && a.shadowRoot && a.shadowRoot.activeElement) a = a.shadowRoot.activeElement; return a; };
// Text into several fields, as pasting it would put it there; stops where one does not take it. The
// numbers of those that have been given theirs.
const enter = list => {
  const done = [];
  for (const [n, text] of list) {
    const el = elements[n];
    if (!el || !el.isConnected || focus(n) !== '' || active() !== el) break;
    if (!document.execCommand(text ? 'insertText' : 'delete', false, text) && text) break;
    done.push(n);
  }
  return done;
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
const blur = () => { const a = active(); if (a && a !== document.body) a.blur(); };
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
const text = () => { const out = { parts: [], size: 0 }; if (root()) gather(root(), out, { max: 2e6, values: true, alt: false, seen: true }); return tidy(out.parts.join('')); };
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

globalThis.__daiban = { element, fields, clickables, texts, sending, ready, over, focus, enter, setValue, clear, choose, isOn, force, blur, markSecret, secrets, legible, picked, watch, arm, disarm, layer, value, read, choices,
  text, pairs, tables, complaints, invalid, frames: quietFrames, title, hiddenFrame };

// The page script, second part: the fields of the page and what can be clicked, with all their signs.

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
const fields = behind => {
  blocks = null;
  const top = behind ? null : modal(), out = [], radios = new Map(), boxes = new Map();
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
const clickables = behind => {
  const top = behind ? null : modal(), out = [];
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

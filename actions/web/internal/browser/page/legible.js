// The page script, part of pictures: what may be read on them.

// ---- what may be read on a picture, in groups that belong together: the texts of a block or a row, what a field shows
let legibles = [];
const legible = () => {
  const groups = [];
  let size = 0, group = null;
  const add = (node, text) => {
    if ((size += text.length) > 8e6) throw new Error('daiban: too much text for a picture');
    if (!group) groups.push(group = []);
    group.push([node, text]);
  };
  const gap = node => { if (group) add(node, ' '); };
  const alone = (el, text) => { const was = group; group = null; if (text) add(el, text); group = was; };
  const visit = node => {
    for (const c of children(node)) {
      if (c.nodeType === 3) { if (c.data) add(c, c.data); continue; }
      if (c.nodeType !== 1) continue;
      const name = tag(c);
      if (name !== 'svg' && SKIP.has(name)) continue;
      if (name === 'img') { alone(c, c.alt); continue; }
      if (name === 'select') { alone(c, [...c.selectedOptions].map(o => o.text).join(' ')); continue; }
      if (name === 'input' || name === 'textarea') { if (c.type !== 'password' && c.type !== 'hidden') alone(c, c.value || c.placeholder); continue; }
      const display = getComputedStyle(c).display;
      if (display === 'none') continue;
      const block = BLOCK.test(display);
      if (block) group = null; else if (display !== 'inline') gap(c);
      visit(c);
      if (block) group = null; else if (display !== 'inline') gap(c);
    }
  };
  if (document.documentElement) visit(document.documentElement);
  legibles = groups;
  return groups.map(g => g.map(([, text]) => text));
};
// The numbers of those that were picked from what legible gave last, as [group, place].
const picked = list => { const out = list.map(([g, i]) => number(legibles[g][i][0])); legibles = []; return out; };

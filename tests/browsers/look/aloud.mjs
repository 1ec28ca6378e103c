// What is read aloud: rules over the tree that Chromium gives to screen readers.

const CONTROLS = ['button', 'link', 'textbox', 'searchbox', 'spinbutton', 'checkbox', 'radio', 'combobox', 'listbox', 'slider', 'DisclosureTriangle'];
const GROUPS = ['group', 'radiogroup'];
const DATE = /\[(day|month|year)\]$|-(day|month|year)$/;

const property = (node, name) => node.properties?.find(each => each.name === name)?.value.value;

// The nodes that are read, each with its parent, role, name and description.
function read(nodes) {
  const by = new Map(nodes.map(node => [node.nodeId, node]));
  const above = node => {
    let parent = by.get(node.parentId);
    while (parent?.ignored) parent = by.get(parent.parentId);
    return parent;
  };
  return nodes.filter(node => !node.ignored).map(node => ({
    node,
    role: node.role?.value ?? '',
    name: (node.name?.value ?? '').trim(),
    description: (node.description?.value ?? '').trim(),
    dom: node.backendDOMNodeId,
    up() {
      const found = [];
      for (let parent = above(node); parent; parent = above(parent)) found.push(parent);
      return found;
    },
  }));
}

function headings(tree) {
  const levels = tree.filter(each => each.role === 'heading').map(each => ({ level: property(each.node, 'level'), name: each.name }));
  const firsts = levels.filter(each => each.level === 1);
  const faults = firsts.length === 1 ? [] : [`${firsts.length} headings of the first level`];
  faults.push(...levels.filter(each => !each.name).map(() => 'a heading without words'));
  for (const { level, name } of levels) {
    if (level > 2 && !levels.some(each => each.level === level - 1)) faults.push(`the heading "${name}" skips a level`);
  }
  return faults;
}

function landmarks(tree) {
  const count = role => tree.filter(each => each.role === role).length;
  const faults = [];
  if (count('main') !== 1) faults.push(`${count('main')} main landmarks`);
  for (const role of ['banner', 'contentinfo']) if (count(role) > 1) faults.push(`${count(role)} landmarks "${role}"`);
  const places = ['main', 'banner', 'contentinfo', 'navigation', 'complementary'];
  const outside = tree.filter(each => each.role === 'StaticText' && each.name && !each.up().some(node => places.includes(node.role?.value)));
  return faults.concat(outside.slice(0, 2).map(each => `"${each.name.slice(0, 40)}" stands in no landmark`));
}

// Names, groups, descriptions of each control. `own` says by DOM node what the page's source says of it.
function controls(tree, own) {
  const faults = [];
  const links = new Map();
  for (const each of tree.filter(one => CONTROLS.includes(one.role))) {
    const from = own.get(each.dom) ?? {};
    const called = `${each.role} "${each.name || from.field || from.id || ''}"`;
    if (!each.name) faults.push(`${called} has no name`);
    if (from.words && !each.name.replace(/\s+/g, ' ').toLowerCase().includes(from.words.toLowerCase())) faults.push(`${called} does not say its words "${from.words}"`);
    const groups = each.up().filter(node => GROUPS.includes(node.role?.value));
    const name = groups.map(node => node.name?.value ?? '').join(' ').trim();
    if ((each.role === 'radio' || from.ticks > 1 || DATE.test(from.field ?? '')) && !name) faults.push(`${called} stands in no group with a name`);
    const heard = [each.description, ...groups.map(node => node.description?.value ?? '')].join(' ').replace(/\s+/g, ' ').trim();
    for (const words of from.described ?? []) {
      if (!words) faults.push(`${called} is described by nothing`);
      else if (!heard.includes(words)) faults.push(`${called} does not read out "${words}"`);
    }
    if (from.wrong && !heard) faults.push(`${called} is wrong and does not say why`);
    if (each.role === 'link') {
      const other = links.get(each.name);
      if (other && other !== from.href) faults.push(`two links "${each.name}" lead to different places`);
      links.set(each.name, from.href);
    }
  }
  for (const each of tree.filter(one => own.groups.has(one.dom) && !one.name)) faults.push(`a ${each.role} without a name`);
  for (const each of tree.filter(one => ['image', 'img', 'SvgRoot'].includes(one.role) && !one.name)) faults.push(`an ${each.role} without a name`);
  return faults;
}

// What the source says of each control, in the order of the document.
const source = () => {
  const tidy = text => text.replace(/\s+/g, ' ').trim();
  return [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')].map(element => {
    const form = element.form;
    const group = element.closest('fieldset[aria-describedby],[role=group][aria-describedby],[role=radiogroup][aria-describedby]');
    const ids = [element, group].filter(Boolean).flatMap(each => (each.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean));
    return {
      id: element.id,
      field: element.getAttribute('name') ?? '',
      href: element.getAttribute('href') ?? '',
      words: element.matches('a,button') ? tidy(element.innerText) : '',
      ticks: element.type === 'checkbox' && form ? form.querySelectorAll(`[name="${element.name}"]`).length : 0,
      wrong: element.getAttribute('aria-invalid') === 'true',
      described: ids.map(id => tidy(document.getElementById(id)?.innerText ?? '')),
    };
  });
};

// An error page: the summary has the focus, and each of its links leads to what is to be mended.
const summary = () => {
  const alert = document.querySelector('[role=alert]');
  if (!alert) return [];
  const faults = [];
  const links = [...alert.querySelectorAll('a[href^="#"]')];
  if (links.length && alert.autofocus && !document.hasFocus()) faults.push('the page has no focus');
  if (links.length && document.activeElement !== alert && !alert.contains(document.activeElement)) faults.push('the summary of errors has not the focus');
  for (const link of links) {
    const field = document.getElementById(link.getAttribute('href').slice(1));
    if (!field?.matches('input,select,textarea,fieldset')) faults.push(`"${link.innerText}" leads to no field`);
  }
  const words = links.map(link => link.innerText.trim());
  for (const [n, each] of words.entries()) if (words.indexOf(each) < n) faults.push(`the summary says "${each}" twice`);
  return faults;
};

/** Faults of what is read aloud. */
export async function aloud(page, session) {
  // The browser gives the focus with the first frames that it draws.
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  const faults = await page.evaluate(summary);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const tree = read(nodes);
  const { root } = await session.send('DOM.getDocument', { depth: -1 });
  const found = [];
  const groups = new Set();
  const visit = node => {
    const attributes = new Map();
    for (let n = 0; n < (node.attributes?.length ?? 0); n += 2) attributes.set(node.attributes[n], node.attributes[n + 1]);
    const name = node.nodeName.toLowerCase();
    if (name === 'fieldset' || GROUPS.includes(attributes.get('role'))) groups.add(node.backendNodeId);
    const control = ['button', 'select', 'textarea', 'summary'].includes(name);
    if (control || (name === 'a' && attributes.has('href')) || (name === 'input' && attributes.get('type') !== 'hidden')) found.push(node.backendNodeId);
    for (const child of node.children ?? []) visit(child);
  };
  visit(root);
  const own = new Map((await page.evaluate(source)).map((each, n) => [found[n], each]));
  own.groups = groups;
  return [...faults, ...headings(tree), ...landmarks(tree), ...controls(tree, own)];
}

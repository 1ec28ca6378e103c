// What is measured inside a page: put into each by look.mjs before anything else, as the object `look`.
// Each function gives a list of faults in words; an empty list is what is wanted.
(() => {
  const CONTROLS = 'button,input:not([type=hidden]),select,textarea';
  const TARGETS = `a[href],summary,${CONTROLS}`;

  // Seen by a person: drawn, and larger than a point.
  const seen = element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const all = selector => [...document.querySelectorAll(selector)].filter(seen);
  const tickable = control => control.type === 'radio' || control.type === 'checkbox';

  // A name for messages.
  const called = element => {
    const what = element.tagName.toLowerCase() + (element.type && element.tagName === 'INPUT' ? `[${element.type}]` : '');
    const words = element.getAttribute('aria-label') || element.innerText || element.getAttribute('name') || element.id || '';
    return `${what} "${words.trim().replace(/\s+/g, ' ').slice(0, 30)}"`;
  };

  // Nothing is wider than the screen, no element and no text stands over its edge.
  const wide = () => {
    const width = document.documentElement.clientWidth;
    const faults = [];
    const scrolls = document.documentElement.scrollWidth;
    if (scrolls > width) faults.push(`scrolls sideways: ${scrolls} pixels on a screen of ${width}`);
    const over = (box, what) => {
      if (box.width && (box.right > width + 0.6 || box.left < -0.6)) {
        faults.push(`over the edge: ${what()} from ${Math.round(box.left)} to ${Math.round(box.right)} of ${width}`);
      }
    };
    for (const element of document.body.querySelectorAll('*')) {
      over(element.getBoundingClientRect(), () => called(element));
    }
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let text; (text = walk.nextNode());) {
      if (!text.data.trim() || text.parentElement.closest('option')) continue;
      range.selectNodeContents(text);
      for (const box of range.getClientRects()) over(box, () => `the words "${text.data.trim().slice(0, 30)}"`);
    }
    for (const element of all('body *')) {
      const clips = getComputedStyle(element).overflowX !== 'visible' && !element.matches('input,select,textarea');
      if (clips && element.scrollWidth > element.clientWidth + 1) faults.push(`cut off: ${called(element)}`);
    }
    return faults.slice(0, 3);
  };

  // The centre of a control that is ticked stands by the centre of its label's first line.
  const centres = most => {
    const faults = [];
    for (const control of all('[type=radio],[type=checkbox]')) {
      const label = control.labels[0];
      if (!label) {
        faults.push(`no label: ${called(control)}`);
        continue;
      }
      const walk = document.createTreeWalker(label, NodeFilter.SHOW_TEXT);
      let text = walk.nextNode();
      while (text && !text.data.trim()) text = walk.nextNode();
      if (!text) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const [line, box] = [range.getClientRects()[0], control.getBoundingClientRect()];
      const off = box.top + box.height / 2 - (line.top + line.height / 2);
      if (Math.abs(off) > most) faults.push(`${control.name}=${control.value} is ${off.toFixed(1)} pixels off the centre of its words`);
    }
    return faults;
  };

  // The block that a link stands in, and whether it is alone there.
  const block = element => {
    let parent = element.parentElement;
    while (getComputedStyle(parent).display === 'inline') parent = parent.parentElement;
    return parent;
  };
  const alone = link => {
    let rest = block(link).innerText;
    for (const other of block(link).querySelectorAll('a,button')) rest = rest.replace(other.innerText, '');
    return !/[\p{L}\p{N}]/u.test(rest);
  };

  // How high and wide a target must be at least; 0 where WCAG asks nothing (a link in a sentence). In the summary of
  // errors and in the header 24 do: of the target itself, or from its middle to that of the next (WCAG 2.5.8).
  const least = element => {
    if (element.tagName !== 'A') return 44;
    if (element.closest('[role=alert],header')) return alone(element) ? 24 : 0;
    return element.closest('dd,footer') || alone(element) ? 44 : 0;
  };
  const middle = element => {
    const box = element.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const spaced = (element, others) => {
    const [x, y] = middle(element);
    return others.every(other => {
      const [box, from] = [other.getBoundingClientRect(), other === element];
      const [aside, above] = [Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom)];
      return from || Math.hypot(aside, above) >= 12;
    });
  };

  // Targets are as large as fingers need, and nothing lies over them.
  const targets = () => {
    const faults = [];
    const others = all(TARGETS);
    for (const element of others) {
      const place = (tickable(element) && element.labels[0]) || element;
      const size = least(element);
      if (!size) continue;
      const box = place.getBoundingClientRect();
      const [width, height] = [box.width, box.height].map(length => Math.round(length * 10) / 10);
      const small = height < size - 0.5 || width < Math.min(size, 24) - 0.5;
      if (small && !(size === 24 && spaced(element, others))) faults.push(`${called(element)}: ${width} by ${height} pixels; ${size} at least`);
      // What a finger hits near its upper and lower edge is the target itself.
      if (place.getClientRects().length > 1 || box.bottom > innerHeight) continue;
      for (const y of [box.top + 2, box.bottom - 2]) {
        const hit = document.elementFromPoint(box.left + box.width / 2, y);
        if (hit && !place.contains(hit) && !hit.contains(element)) faults.push(`${called(hit)} lies over ${called(element)}`);
      }
    }
    return faults;
  };

  // Colours, as [red, green, blue, alpha].
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const known = new Map();
  const colour = text => {
    if (!known.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
      known.set(text, [red, green, blue, alpha / 255]);
    }
    return known.get(text);
  };
  const over = ([r, g, b, alpha], under, opacity = 1) =>
    [r, g, b].map((part, n) => part * alpha * opacity + under[n] * (1 - alpha * opacity)).concat(1);
  const luminance = parts => {
    const [r, g, b] = parts.map(part => part / 255).map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const hex = parts => '#' + parts.slice(0, 3).map(part => Math.round(part).toString(16).padStart(2, '0')).join('');

  // The colour of the canvas that the browser paints under everything: white, or its dark one.
  const bare = () => {
    const probe = document.createElement('i');
    probe.style.cssText = 'background:Canvas;color-scheme:inherit';
    document.documentElement.append(probe);
    const found = colour(getComputedStyle(probe).backgroundColor);
    probe.remove();
    return found;
  };
  // What is painted behind the words of an element, and how solid they are. Paper has no backgrounds.
  const behind = (element, paper) => {
    const chain = [];
    for (let each = element; each; each = each.parentElement) chain.unshift(each);
    let [ground, solid] = [paper ? [255, 255, 255, 1] : bare(), 1];
    for (const each of chain) {
      const style = getComputedStyle(each);
      solid *= Number(style.opacity);
      if (!paper) ground = over(colour(style.backgroundColor), ground, solid);
    }
    return { ground, solid };
  };
  const large = style => parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);

  // Words, and the edges of controls, stand out from what is really behind them (WCAG 1.4.3, 1.4.11).
  const colours = paper => {
    const faults = new Set();
    const words = new Set();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = walk.nextNode());) if (text.data.trim()) words.add(text.parentElement);
    for (const control of document.querySelectorAll(CONTROLS)) if (!tickable(control)) words.add(control);
    for (const element of words) {
      if (!seen(element)) continue;
      const style = getComputedStyle(element);
      const { ground, solid } = behind(element, paper);
      const found = contrast(over(colour(style.color), ground, solid), ground);
      const most = large(style) ? 3 : 4.5;
      if (found < most - 0.005) faults.add(`${called(element)}: ${found.toFixed(2)} of ${hex(colour(style.color))} on ${hex(ground)}; ${most} at least`);
    }
    if (!paper) {
      for (const control of all('input:not([type=radio],[type=checkbox],[type=file],[type=hidden]),select,textarea')) {
        const style = getComputedStyle(control);
        const { ground } = behind(control.parentElement);
        const edge = parseFloat(style.borderTopWidth) ? contrast(over(colour(style.borderTopColor), ground), ground) : 1;
        const found = Math.max(edge, contrast(over(colour(style.backgroundColor), ground), ground));
        if (found < 3) faults.add(`the edge of ${called(control)}: ${found.toFixed(2)} on ${hex(ground)}; 3 at least`);
      }
    }
    return [...faults];
  };
  // axe takes what nobody painted for white, in the dark too: the same colours, painted by the page itself.
  const paint = () => {
    const ground = over(colour(getComputedStyle(document.documentElement).backgroundColor), bare());
    document.documentElement.style.background = hex(ground);
    return hex(ground);
  };

  // With colours forced, what is only a fill is gone: each control keeps a border, an outline or a line under it.
  const forced = () => {
    const faults = [];
    const buttonlike = link => parseFloat(getComputedStyle(link).paddingInlineStart) > 0 && getComputedStyle(link).display !== 'inline';
    const links = all('a[href]').filter(buttonlike);
    for (const control of [...all(CONTROLS).filter(control => !tickable(control) && control.type !== 'file'), ...links]) {
      const style = getComputedStyle(control);
      const ground = behind(control.parentElement).ground;
      const drawn = (width, kind, paint) => parseFloat(width) >= 1 && !['none', 'hidden'].includes(kind) && contrast(over(colour(paint), ground), ground) >= 3;
      const edge = drawn(style.borderTopWidth, style.borderTopStyle, style.borderTopColor)
        || drawn(style.outlineWidth, style.outlineStyle, style.outlineColor);
      const line = style.textDecorationLine.includes('underline');
      if (!edge && !line) faults.push(`${called(control)} has neither border nor underline`);
    }
    return faults;
  };

  // On paper nothing is to be pressed, and no row can be changed; all words are dark on white.
  const printed = () => {
    const faults = all('button,input[type=submit],dd a').map(control => `${called(control)} is printed`);
    return faults.concat(colours(true).map(words => `on paper, ${words}`));
  };

  // The button that a person is meant to press: the first that is filled with a colour.
  const main = form => [...form.querySelectorAll('button,input[type=submit]')].find(button => {
    const [red, green, blue, alpha] = colour(getComputedStyle(button).backgroundColor);
    return seen(button) && alpha > 0 && Math.max(red, green, blue) - Math.min(red, green, blue) > 16;
  });

  // One thing on a page is filled with the office's colour: what one is meant to press. Danger has its own, once.
  const filled = () => {
    const strong = element => {
      const [red, green, blue, alpha] = colour(getComputedStyle(element).backgroundColor);
      return alpha > 0 && Math.max(red, green, blue) - Math.min(red, green, blue) > 16;
    };
    const found = all('main button,main a[href]').filter(strong);
    const paints = found.map(element => getComputedStyle(element).backgroundColor);
    return found.filter((_, n) => paints.indexOf(paints[n]) < n).map(element => `${called(element)} is filled, as another`);
  };

  // What can be done with a row stands at its far end, all below each other, by the first line of what it is about.
  const rows = () => {
    const faults = [];
    const rtl = document.dir === 'rtl';
    for (const cell of all('dd:has(a,button)')) {
      const actions = [...cell.querySelectorAll('a,button')].filter(seen);
      const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT, text => (
        text.data.trim() && !text.parentElement.closest('a,button') ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP));
      const range = document.createRange();
      const text = walk.nextNode();
      if (!text || !actions.length) continue;
      range.selectNodeContents(text);
      const [line, list] = [range.getClientRects()[0], cell.closest('dl').getBoundingClientRect()];
      const boxes = actions.map(action => action.getBoundingClientRect());
      const short = Math.min(...boxes.map(box => (rtl ? box.left - list.left : list.right - box.right)));
      if (short > 2) faults.push(`${called(actions[0])} stands ${Math.round(short)} pixels before the end of its row`);
      const below = boxes[0].top + boxes[0].height / 2 - (line.top + line.height / 2);
      // Several actions may take a line of their own.
      if (actions.length === 1 && Math.abs(below) > 4) faults.push(`${called(actions[0])} stands ${Math.round(below)} pixels below the first line of its row`);
    }
    return faults;
  };

  window.look = { filled, rows, CONTROLS, seen, all, called, wide, centres, targets, behind, bare, hex, colours, paint, forced, printed, main };
})();

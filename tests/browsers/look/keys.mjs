// The keyboard on one page: where Tab goes and whether that follows what is seen, what the focus looks like
// (WCAG 2.4.13, in points of real pictures), and which button Enter presses.
import { PNG } from 'pngjs';

const STOPS = 100;
const AROUND = 8;

// Puts the focus before the page's first stop.
const rewind = page => page.evaluate(() => {
  const first = document.createElement('a');
  first.href = '#';
  document.body.prepend(first);
  first.focus();
  first.remove();
});

// The stop that has the focus now, marked with its number; nothing at the end of the page.
const stop = (page, number) => page.evaluate(number => {
  const { look } = window;
  const at = document.activeElement;
  if (!at || at === document.body || at.dataset.stop) return null;
  at.dataset.stop = number;
  const { x, y, width, height } = at.getBoundingClientRect();
  // Where it stands in the page: a stop may scroll what is seen of it.
  const box = { x: x + window.scrollX, y: y + window.scrollY, width, height };
  return { name: look.called(at), seen: look.seen(at), box };
}, number);

const tab = session => session.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 });

// All stops of Tab, in its order.
async function walk(page, session) {
  await rewind(page);
  const stops = [];
  while (stops.length < STOPS) {
    await tab(session);
    const found = await stop(page, stops.length);
    if (!found) break;
    stops.push(found);
  }
  return stops;
}

// Tab goes from top to bottom; on one line in the direction of the words.
function ordered(stops, rtl) {
  const faults = stops.filter(each => !each.seen).map(each => `Tab stops at ${each.name}, which is not seen`);
  for (const [n, next] of stops.entries()) {
    const before = stops[n - 1];
    if (!before) continue;
    const [a, b] = [before.box, next.box];
    const same = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > Math.min(a.height, b.height) / 2;
    const backwards = same ? (rtl ? b.x > a.x : b.x < a.x) : b.y < a.y;
    if (backwards) faults.push(`Tab goes from ${before.name} back to ${next.name}, which is seen before it`);
  }
  return faults;
}

const light = (data, at) => {
  const [r, g, b] = [0, 1, 2].map(n => data[at + n] / 255).map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
};

// How many points differ by 3:1 between the two pictures.
function changed(one, other) {
  const [a, b] = [one, other].map(bytes => PNG.sync.read(bytes));
  let points = 0;
  for (let at = 0; at < a.data.length; at += 4) {
    const same = a.data[at] === b.data[at] && a.data[at + 1] === b.data[at + 1] && a.data[at + 2] === b.data[at + 2];
    if (same) continue;
    const [x, y] = [light(a.data, at), light(b.data, at)];
    if (Math.max(x, y) / Math.min(x, y) >= 3) points += 1;
  }
  return points;
}

// The stops of the page, each with what the looks of its focus depend on, where it is, and how long its outline is.
const looks = page => page.evaluate(() => [...document.querySelectorAll('[data-stop]')].map(at => {
  const { look } = window;
  const ground = look.hex(look.behind(at.parentElement).ground);
  const style = getComputedStyle(at);
  const drawn = () => [style.outline, style.outlineOffset, style.border, style.borderRadius, style.backgroundColor, style.boxShadow, style.color];
  const without = drawn();
  at.focus();
  const key = [at.tagName, at.type, style.display, ground, without, drawn()];
  at.blur();
  const { x, y, width, height } = at.getBoundingClientRect();
  const line = [...at.getClientRects()].reduce((sum, box) => sum + 4 * (box.width + box.height) - 16, 0);
  return { number: at.dataset.stop, name: look.called(at), seen: look.seen(at), key: key.join(), x, y, width, height, line };
}));

// The focus changes at least the area of a line of 2 points around the stop, by 3:1.
async function visible(page, session, { number, name, x, y, width, height, line }) {
  const [left, top] = [Math.max(0, x - AROUND), Math.max(0, y - AROUND)];
  const right = Math.min(page.viewportSize().width, x + width + AROUND);
  const clip = { x: left, y: top, width: right - left, height: y + height + AROUND - top, scale: 1 };
  const shoot = async () => Buffer.from((await session.send('Page.captureScreenshot', { clip, optimizeForSpeed: true })).data, 'base64');
  await page.evaluate(number => document.querySelector(`[data-stop="${number}"]`).focus(), number);
  const focused = await shoot();
  await page.evaluate(() => document.activeElement.blur());
  let points = changed(await shoot(), focused);
  if (points < line * 0.95) {
    // On a busy machine a picture may be of before the focus was drawn: once more, each after two frames.
    const drawn = () => page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
    await page.evaluate(number => document.querySelector(`[data-stop="${number}"]`).focus(), number);
    await drawn();
    const again = await shoot();
    await page.evaluate(() => document.activeElement.blur());
    await drawn();
    points = changed(await shoot(), again);
  }
  return points < line * 0.95 ? [`the focus on ${name} changes ${points} points by 3:1; ${Math.round(line)} at least`] : [];
}

/** Where Tab goes: faults of its order. The stops stay marked, for `focus`. */
export async function order(page, session) {
  const stops = await walk(page, session);
  const faults = ordered(stops, await page.evaluate(() => document.dir === 'rtl'));
  return stops.length === STOPS ? [...faults, 'Tab does not come to an end'] : faults;
}

/** What the focus looks like on the stops that `order` marked; `known` has the looks that are done with. */
export async function focus(page, session, scheme, known) {
  const faults = [];
  await page.addStyleTag({ content: '*{caret-color:transparent!important}' });
  for (const each of await looks(page)) {
    const key = `${scheme},${each.key}`;
    if (!each.seen || known.has(key)) continue;
    known.add(key);
    faults.push(...await visible(page, session, each));
  }
  return faults;
}

/** Enter in a one-line field presses the button that is filled. */
export async function enter(page) {
  const fields = await page.evaluate(() => {
    const { look } = window;
    for (const form of document.forms) {
      form.noValidate = true;
      form.addEventListener('submit', event => {
        event.preventDefault();
        window.pressed = event.submitter;
      });
    }
    return look.all('input:not([type=hidden],[type=radio],[type=checkbox],[type=file])').length;
  });
  if (!fields) return [];
  await page.evaluate(() => {
    window.pressed = null;
    window.look.all('input:not([type=hidden],[type=radio],[type=checkbox],[type=file])')[0].focus();
  });
  await page.keyboard.press('Enter');
  return page.evaluate(() => {
    const { look, pressed } = window;
    const form = document.activeElement.form;
    const main = look.main(form);
    if (!main) return ['no button is filled'];
    const sends = button => button && `${button.name}=${button.value}`;
    return sends(pressed) === sends(main) ? [] : [`Enter sends ${sends(pressed)}, not ${sends(main)}`];
  });
}

// Drives Debian's Chromium. A task comes as JSON on standard input, what was found goes as JSON to
// standard output:
//   { "walk": URL, "steps": [...] }   scripts off; "locale": the language that the browser is set to. A step is an object of
//       see: words that must be on the page; shown, hidden: selectors that must be (in)visible; checked: a selector that must be ticked;
//       fill: { name: value } types, picks or ticks; then press: a button, follow: a link, by its words;
//       or back: true, the browser's own, and then holds: { name: value }; or packed: an encoding: opens URL again
//       until that is how it comes. With again: true each phase is sent once more at once, without any encoding, and
//       must bring the same page byte for byte. Found: { text, cookies, requests, answers }; of answers that were
//       pages: { method, encoding, bytes (on the wire, with the header) }.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const task = JSON.parse(readFileSync(0, 'utf8'));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run',
    '--host-resolver-rules=MAP forms.test 127.0.0.1'],
});

async function fill(page, name, value) {
  const control = page.locator(`[name="${name}"]`);
  const type = await control.first().getAttribute('type');
  if (type === 'radio' || type === 'checkbox') await page.locator(`[name="${name}"][value="${value}"]`).check();
  else if ((await control.first().evaluate(e => e.tagName)) === 'SELECT') await control.selectOption(value);
  else await control.fill(value);
}

async function walk({ walk: url, steps, again, locale }) {
  const context = await browser.newContext({ javaScriptEnabled: false, locale });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const requests = [];
  page.on('request', request => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
  const pages = [];
  page.on('response', response => { if (response.request().isNavigationRequest()) pages.push(response); });
  await page.goto(url);
  for (const step of steps) {
    if (step.packed) await packed(page, url, step.packed);
    if (step.see) await page.getByText(step.see).first().waitFor();
    for (const [name, value] of Object.entries(step.fill ?? {})) await fill(page, name, value);
    if (step.shown) await page.locator(step.shown).waitFor({ state: 'visible' });
    if (step.hidden) await page.locator(step.hidden).waitFor({ state: 'hidden' });
    if (step.checked && !await page.locator(step.checked).isChecked()) throw new Error(`${step.checked} is not ticked`);
    if (step.back) await page.goBack();
    for (const [name, value] of Object.entries(step.holds ?? {})) {
      const held = await page.locator(`[name="${name}"]`).inputValue();
      if (held !== value) throw new Error(`${name} holds "${held}", not "${value}"`);
    }
    const role = step.press ? 'button' : 'link';
    const target = step.press ?? step.follow;
    if (target) await Promise.all([page.waitForNavigation(), page.getByRole(role, { name: target, exact: true }).click()]);
    // A start that is sent again is another session.
    const starts = /sessionID=[^&]{23}/.test(pages.at(-1)?.request().postData() ?? '');
    if (target && again && !starts) await same(context, pages.at(-1));
  }
  const answers = await Promise.all(pages.map(answer));
  return { text: await page.innerText('body'), cookies: await context.cookies(), requests, answers };
}

async function packed(page, url, encoding) {
  const until = Date.now() + 30_000;
  for (;;) {
    const response = await page.goto(url);
    if ((await response.allHeaders())['content-encoding'] === encoding) return;
    if (Date.now() > until) throw new Error(`${url} never came in ${encoding}`);
  }
}

async function same(context, response) {
  const request = response.request();
  const { 'content-type': kind, referer } = await request.allHeaders();
  const headers = { 'accept-encoding': 'identity', 'sec-fetch-site': 'same-origin', referer };
  if (kind) headers['content-type'] = kind;
  const data = request.postData() ?? undefined;
  const plain = await context.request.fetch(request.url(), { method: request.method(), data, headers });
  if (plain.headers()['content-encoding']) throw new Error('it came packed');
  const [packed, expected] = [await response.text(), await plain.text()];
  if (packed !== expected) throw new Error(`unpacked it is\n${packed}\nand not\n${expected}`);
}

async function answer(response) {
  const request = response.request();
  const { responseHeadersSize, responseBodySize } = await request.sizes();
  return {
    method: request.method(),
    encoding: (await response.allHeaders())['content-encoding'] ?? '',
    bytes: responseHeadersSize + responseBodySize,
  };
}

try {
  console.log(JSON.stringify(await walk(task)));
} finally {
  await browser.close();
}

// Draws pages: every .html file of a folder, once in each way, and a page to look through them.
//
//   node pictures.mjs PAGES FOLDER          FOLDER/WAY/NAME.png, and FOLDER/index.html
//   node pictures.mjs --docs PAGES FOLDER   the two pictures that the papers show
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

// A sheet of paper is 794 pixels wide (A4).
const WAYS = {
  light: { width: 1280 },
  phone: { width: 320 },
  dark: { width: 1280, colorScheme: 'dark' },
  print: { width: 794, media: 'print' },
  forced: { width: 1280, forcedColors: 'active' },
};
const DOCS = {
  question: { page: 'flow-home-repair-grant-tenure', width: 1280, height: 640 },
  phone: { page: 'flow-home-repair-grant-birth-errors', width: 390, height: 760 },
};

const { values: options, positionals } = parseArgs({ allowPositionals: true, options: { docs: { type: 'boolean' } } });
if (positionals.length !== 2) {
  console.error('usage: node pictures.mjs [--docs] PAGES FOLDER');
  process.exit(2);
}
const [pages, folder] = positionals.map(each => resolve(each));
const names = readdirSync(pages).filter(name => name.endsWith('.html')).map(name => name.slice(0, -5)).sort();

async function open(browser, name, { width, height = 640, colorScheme = 'light', media = 'screen', forcedColors = 'none' }) {
  browser.page ??= await (await browser.newContext({ bypassCSP: true })).newPage();
  const { page } = browser;
  await page.emulateMedia({ colorScheme, media, forcedColors });
  await page.setViewportSize({ width, height });
  await page.goto(pathToFileURL(join(pages, `${name}.html`)).href);
  return page;
}

async function each(browser) {
  for (const way of Object.keys(WAYS)) mkdirSync(join(folder, way), { recursive: true });
  for (const [n, name] of names.entries()) {
    for (const [way, how] of Object.entries(WAYS)) {
      const page = await open(browser, name, how);
      await page.screenshot({ path: join(folder, way, `${name}.png`), fullPage: true });
    }
    const done = `${n + 1} of ${names.length} pages`;
    if (process.stderr.isTTY) process.stderr.write(`\r${done}${n + 1 === names.length ? '\n' : ''}`);
    else if ((n + 1) % 20 === 0 || n + 1 === names.length) console.error(done);
  }
  writeFileSync(join(folder, 'index.html'), index());
}

function index() {
  const shown = (name, way) => `<td><a href="${way}/${name}.png"><img loading=lazy alt="${way}" src="${way}/${name}.png"></a>`;
  const row = name => `<tr><th>${name}<br><a href="text/${name}.txt">as text</a>${Object.keys(WAYS).map(way => shown(name, way)).join('')}`;
  return `<!doctype html><html lang=en><meta charset=utf-8><title>Every kind of page</title>
<style>body{background:#555;color:#fff;font:14px system-ui}a{color:inherit}img{height:360px}td,th{vertical-align:top;text-align:start}</style>
<h1>Every kind of page</h1><table><tr><th>page${Object.keys(WAYS).map(way => `<th>${way}`).join('')}
${names.map(row).join('\n')}
</table>`;
}

async function docs(browser) {
  for (const [file, how] of Object.entries(DOCS)) {
    if (!names.includes(how.page)) throw new Error(`there is no page ${how.page}`);
    const page = await open(browser, how.page, how);
    await page.screenshot({ path: join(folder, `${file}.png`) });
  }
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--no-first-run'] });
try {
  await (options.docs ? docs(browser) : each(browser));
} finally {
  await browser.close();
}

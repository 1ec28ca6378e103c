// One page after the other through all the rules, in one browser: how they look in light, dark and print, at three
// widths, with larger and wider words, with the keyboard, and as they are read aloud.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { aloud } from './aloud.mjs';
import { enter, focus, order } from './keys.mjs';
import { nu, validate } from './markup.mjs';

/** What each rule holds. */
export const RULES = {
  edges: 'nothing scrolls sideways, no element and no word stands over the edge, at 320, 768 and 1280 pixels',
  spacing: 'the same with the spacing of WCAG 1.4.12',
  zoom: 'the same with words of twice the size',
  centres: 'the centre of a radio button or box stands within 2 pixels of the centre of the first line of its words',
  targets: 'what is to be hit is 44 pixels high (24, or 24 apart, in a summary of errors and in the header)',
  rows: 'what can be done with a row stands at its far end, by its first line',
  filled: 'one button or link is filled with a colour; danger, once, with its own',
  contrast: 'words, and the edges of fields, stand out from what is really behind them (WCAG 1.4.3, 1.4.11)',
  axe: 'axe finds nothing',
  order: 'Tab goes as the page is seen',
  focus: 'the focus is seen as WCAG 2.4.13 asks, counted in points of pictures',
  enter: 'Enter in a line of text presses the filled button',
  forced: 'with the colours of the system each control is still drawn',
  print: 'no button and no link to change a row is printed; all words are dark on white',
  aloud: 'each control has a name, groups have names, descriptions are read, one heading leads, landmarks hold all',
  nu: 'the Nu checker finds nothing',
  html: 'html-validate finds nothing',
};

const WIDTHS = [320, 768, 1280];
const OFF_CENTRE = 2;
// Higher than any page, so that all of it can be hit without scrolling.
const TALL = 6000;
const SPACED = '*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}';

const inside = readFileSync(new URL('inside.js', import.meta.url), 'utf8');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// What is noted on the way: faults, and the time that each rule took.
class Notes {
  constructor() {
    this.faults = [];
    this.seconds = {};
    this.known = new Set();
  }

  // Runs a rule on a page; what it finds comes as words.
  async rule(rule, page, how, run) {
    const began = performance.now();
    for (const words of await run()) this.faults.push({ rule, page, how, words });
    this.seconds[rule] = (this.seconds[rule] ?? 0) + (performance.now() - began) / 1000;
  }
}

// A window that pages are opened in, one after the other.
class Window {
  static async of(browser, notes) {
    const window = new Window();
    const context = await browser.newContext({ bypassCSP: true });
    await context.addInitScript(inside);
    window.page = await context.newPage();
    window.session = await context.newCDPSession(window.page);
    window.notes = notes;
    return window;
  }

  wants(...rules) {
    return rules.some(rule => this.rules.includes(rule));
  }

  // Takes a file through the rules.
  async measure(file, rules) {
    this.name = basename(file, '.html');
    this.rules = rules;
    await this.places(file);
    await this.colours(file);
  }

  async open(file, width) {
    await this.page.emulateMedia({ colorScheme: 'light', media: 'screen', forcedColors: 'none' });
    await this.page.setViewportSize({ width, height: 1000 });
    await this.page.goto(pathToFileURL(file).href);
  }

  async rule(rule, how, run) {
    if (this.wants(rule)) await this.notes.rule(rule, this.name, how, run);
  }

  // Asks `look` in the page.
  look(rule, how, run, argument) {
    return this.rule(rule, how, () => this.page.evaluate(run, argument));
  }

  async each(width) {
    for (const each of WIDTHS) {
      await this.page.setViewportSize({ width: each, height: TALL });
      await width(`${each}`);
    }
  }

  async places(file) {
    const wide = rule => this.each(width => this.look(rule, width, () => window.look.wide()));
    if (this.wants('aloud', 'filled', 'edges', 'centres', 'targets', 'rows', 'spacing')) await this.open(file, 320);
    await this.rule('aloud', '', () => aloud(this.page, this.session));
    await this.look('filled', '', () => window.look.filled());
    if (this.wants('edges')) await wide('edges');
    if (this.wants('centres', 'targets', 'rows')) {
      await this.each(async width => {
        await this.look('centres', width, most => window.look.centres(most), OFF_CENTRE);
        await this.look('targets', width, () => window.look.targets());
        await this.look('rows', width, () => window.look.rows());
      });
    }
    if (this.wants('spacing')) {
      await this.page.addStyleTag({ content: SPACED });
      await wide('spacing');
    }
    if (this.wants('zoom')) {
      const text = size => this.session.send('Page.setFontSizes', { fontSizes: { standard: size, fixed: size } });
      await text(32);
      await this.open(file, 320);
      await wide('zoom');
      await text(16);
    }
  }

  async colours(file) {
    if (!this.wants('contrast', 'axe', 'order', 'focus', 'enter', 'forced', 'print')) return;
    const { page, session } = this;
    await this.open(file, 1280);
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: 1280, height: Math.max(1000, height) });
    // The stops are found by Tab for both.
    if (this.wants('order', 'focus')) {
      const faults = await order(page, session);
      await this.rule('order', '', () => faults);
    }
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await this.look('contrast', colorScheme, () => window.look.colours());
      await this.rule('focus', colorScheme, () => focus(page, session, colorScheme, this.notes.known));
      await this.rule('axe', colorScheme, () => axed(page, colorScheme));
    }
    await this.rule('enter', '', () => enter(page));
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
    await this.look('forced', '', () => window.look.forced());
    await page.emulateMedia({ media: 'print', forcedColors: 'none' });
    await this.look('print', '', () => window.look.printed());
  }
}

// What axe says; in the dark of the colours alone, as all else is the same there.
async function axed(page, scheme) {
  await page.evaluate(() => window.look.paint());
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axe);
  const options = scheme === 'dark' ? { runOnly: ['color-contrast'] } : { rules: { 'target-size': { enabled: true } } };
  options.resultTypes = ['violations'];
  const { violations } = await page.evaluate(options => window.axe.run(document, options), options);
  await page.evaluate(() => document.documentElement.removeAttribute('style'));
  return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 120)}: ${node.failureSummary.replace(/\s+/g, ' ')}`));
}

/** Measures the files, each by the rules that `rules` has for it. Found: { pages, faults: [{ rule, page, how, words }], seconds: by rule, took }. */
export async function measure(files, rules) {
  const began = performance.now();
  const notes = new Notes();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });
  // The checkers of the source work beside the browser.
  const source = async (rule, run) => {
    const wanted = files.filter(file => rules(file).includes(rule));
    if (!wanted.length) return;
    for (const { file, words } of await run(wanted)) await notes.rule(rule, basename(file, '.html'), '', () => [words]);
  };
  try {
    const list = [...files];
    const worker = async () => {
      const window = await Window.of(browser, notes);
      for (let file; (file = list.shift());) {
        await window.measure(file, rules(file));
      }
    };
    await Promise.all([source('nu', nu), source('html', validate), worker(), worker()]);
  } finally {
    await browser.close();
  }
  const round = seconds => Number(seconds.toFixed(1));
  const seconds = Object.fromEntries(Object.entries(notes.seconds).map(([rule, time]) => [rule, round(time)]));
  return { pages: files.length, faults: notes.faults, seconds, took: round((performance.now() - began) / 1000) };
}

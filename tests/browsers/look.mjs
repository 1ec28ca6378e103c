#!/usr/bin/env node
// Measures how pages look, in Chromium: every .html file of a folder, by the rules of look/measure.mjs.
//
//   node look.mjs FOLDER [--json] [--only WORD] [--rules a,b] [--skip a,b]
//   node look.mjs --spoiled [--json]    measures pages that are spoiled on purpose: each rule must find its own fault
//
// Needs the packages of package.json (npm ci), Debian's chromium, and java for the Nu checker. Prints what was found.
// Exit code: 0 nothing found (with --spoiled: all that should be), 1 something found, 2 it could not start.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RULES, measure } from './look/measure.mjs';
import { missed, ruled, spoil } from './look/spoiled.mjs';

const USAGE = 'usage: node look.mjs FOLDER | --spoiled [--json] [--only WORD] [--rules a,b] [--skip a,b]\n\nrules:\n'
  + Object.entries(RULES).map(([name, words]) => `  ${name.padEnd(9)} ${words}\n`).join('');

function report({ pages, faults, seconds, took }, rules) {
  for (const rule of rules) {
    const found = faults.filter(fault => fault.rule === rule);
    console.log(`${rule}: ${found.length || 'nothing'}`);
    for (const { page, how, words } of found) console.log(`    ${page}${how && ` (${how})`}: ${words}`);
  }
  console.log(`${pages} pages, ${faults.length} findings, ${took} s; seconds by rule: ${JSON.stringify(seconds)}`);
}

async function main() {
  const { values: options, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' }, spoiled: { type: 'boolean' }, only: { type: 'string' },
      rules: { type: 'string' }, skip: { type: 'string' }, help: { type: 'boolean' },
    },
  });
  const list = words => words?.split(',') ?? [];
  const rules = Object.keys(RULES).filter(rule => (!options.rules || list(options.rules).includes(rule)) && !list(options.skip).includes(rule));
  const unknown = [...list(options.rules), ...list(options.skip)].filter(rule => !(rule in RULES));
  if (options.help || unknown.length || (positionals.length !== 1 && !options.spoiled)) {
    console.error(unknown.length ? `there is no rule ${unknown.join(', ')}\n${USAGE}` : USAGE);
    return options.help ? 0 : 2;
  }
  const folder = options.spoiled ? mkdtempSync(join(tmpdir(), 'look-')) : resolve(positionals[0]);
  try {
    if (options.spoiled) spoil(folder);
    const files = readdirSync(folder).filter(name => name.endsWith('.html') && name.includes(options.only ?? '')).sort();
    if (!files.length) {
      console.error(`${folder} has no such page`);
      return 2;
    }
    const of = options.spoiled ? ruled(rules) : () => rules;
    let found = await measure(files.map(file => join(folder, file)), of);
    if (options.spoiled) found = { ...found, faults: missed(found.faults, rules) };
    if (options.json) console.log(JSON.stringify(found));
    else report(found, rules);
    return found.faults.length ? 1 : 0;
  } finally {
    if (options.spoiled) rmSync(folder, { recursive: true });
  }
}

process.exitCode = await main().catch(why => {
  console.error(why);
  return 2;
});

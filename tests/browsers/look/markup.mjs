// The source of the pages, by two programs that know HTML: the Nu checker, one process for all pages, and
// html-validate. Both find nothing, but for the few rules below that Deity's pages break on purpose.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { HtmlValidate, StaticConfigLoader } from 'html-validate';

// Each with the reason. A page is one packet: HTML says which tags and quotes may be left out.
const OFF = {
  'no-implicit-input-type': 'off', // a line of text is what an `input` is
  'form-dup-name': ['error', { shared: ['radio', 'checkbox', 'submit'] }], // one question, several boxes; several buttons
  'doctype-style': 'off', // `doctype` in small letters packs better
  'attr-quotes': 'off', // HTML needs no quotes around a plain value
  'attribute-boolean-style': 'off',
  'attribute-empty-style': 'off',
  'no-implicit-close': 'off', // HTML says where a paragraph, a row, an option ends
  'no-inline-style': 'off', // not used by the pages: the policy of the page forbids it
  'no-raw-characters': 'off', // a bare ampersand is right HTML where it begins no name
  'no-trailing-whitespace': 'off',
  'long-title': 'off', // a title is the question and the service's name, as GOV.UK has them
  'no-implicit-button-type': 'off', // a button of a form sends it: that is what all of ours do
  'autocomplete-password': 'off', // a secret of the service, asked for on many a borrowed device, is no password to keep
  'valid-id': ['error', { relaxed: true }], // HTML allows a dot, and two of the same address are told apart by one
  'prefer-native-element': 'off', // `role=alert` and `role=status` have no element of their own
};

const CONFIG = { root: true, extends: ['html-validate:recommended'], rules: OFF };

/** What html-validate says of each file: [{ file, words }]. */
export async function validate(files) {
  const checker = new HtmlValidate(new StaticConfigLoader(CONFIG));
  const found = [];
  for (const file of files) {
    const report = await checker.validateString(readFileSync(file, 'utf8'), file);
    for (const { messages } of report.results) {
      found.push(...messages.map(({ ruleId, message, line, column }) => ({ file, words: `${ruleId}: ${message} (${line}:${column})` })));
    }
  }
  return found;
}

// What the Nu checker takes amiss, and is meant.
const MEANT = [
  // It reads the words to guess their language; texts of a test are English under another `lang`.
  /This document appears to be written in/,
];

/** What the Nu checker says of each file. */
export function nu(files) {
  const jar = createRequire(import.meta.url).resolve('vnu-jar/build/dist/vnu.jar');
  const options = ['-Xss2m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-jar', jar, '--format', 'json', '--exit-zero-always', '--stdout', ...files];
  return new Promise((done, failed) => {
    execFile('java', options, { maxBuffer: 1 << 28 }, (why, out, err) => {
      if (why) return failed(new Error(`the Nu checker: ${why.message} ${err}`));
      const { messages } = JSON.parse(out);
      const meant = message => MEANT.some(pattern => pattern.test(message.message));
      done(messages.filter(message => !meant(message)).map(({ url, message, extract, lastLine, lastColumn }) => ({
        file: files.find(file => basename(file) === basename(decodeURIComponent(new URL(url).pathname))),
        words: `${message} (${lastLine}:${lastColumn}: ${(extract ?? '').trim()})`,
      })));
    });
  });
}

// A sound page, and pages that have one fault each: every rule must find its own there, and nothing in the sound one.
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const STYLE = `html{font:1.2em/1.5 system-ui;color-scheme:light dark;overflow-wrap:anywhere}
header,main,footer{padding:1em}body{margin:0}a{color:inherit}header{background:#078;color:#fff}
input,button{font:inherit;padding:.4em .7em;border:2px solid #777;border-radius:.2em;box-sizing:border-box;max-width:100%}
.m{background:#078;color:#fff;border-color:#078}fieldset{border:0;padding:0;margin:0;min-width:0}
p>label{display:flex;gap:.6em;padding:.4em 0}[type=radio]{zoom:1.5;min-width:1em;height:1em;margin:0}
dl>div{display:flex;flex-wrap:wrap;gap:0 1em}dd{margin:0;flex:3 16em}dt{flex:2 9em}dd>a{float:inline-end;margin:-.5em 0}dd a,footer a,p>a{display:inline-block;padding:.5em 0}
:focus-visible{outline:.2em solid CanvasText}[role=alert]{outline:.2em solid #d33;padding:1em}
@media print{header{color:#000}button,dd a{display:none}}`;

const SOUND = `<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width"><style>
${STYLE}
</style><title>A sound page</title><header><a href=/>Office</a></header><main>
<div role=alert tabindex=-1 autofocus><h2>There is a problem</h2><ul><li><a href=#name>Enter your name</a></ul></div>
<h1>About you</h1><dl><div><dt>Town<dd>Harbour <a href="?change=town" aria-label="Change Town">Change</a></div></dl>
<form method=post action=?><p><button name=actionID value=back>Back</button>
<p><label for=name>Name</label><br><span id=name-h>As in your passport<br><b>Error: Enter your name</b><br></span>
<input id=name name=name aria-describedby=name-h aria-invalid=true>
<fieldset><legend>Colour</legend><p><label><input type=radio name=colour value=red> Red</label>
<p><label><input type=radio name=colour value=blue> Blue</label></fieldset>
<p><button class=m name=actionID value=continue>Continue</button></form>
<p><a href=/more>More of this</a></main><footer><a href=/privacy>Privacy</a></footer>`;

const style = words => page => page.replace('</style>', `${words}</style>`);
const instead = (words, others) => page => {
  if (!page.includes(words)) throw new Error(`the sound page has no ${words}`);
  return page.replace(words, others);
};
const all = (...changes) => page => changes.reduce((so, change) => change(so), page);
// Enter presses the first button of a form: Back, unless the main one stands before it unseen.
const hidden = instead('action=?>', 'action=?><button name=actionID value=continue hidden></button>');

// By rule, and what is spoiled.
const SPOILED = {
  'edges field': instead('name=name aria', 'name=name style="width:400px;max-width:none" aria'),
  'edges word': all(style('h1{white-space:nowrap}'), instead('About you', 'About you and your whole household')),
  'spacing line': all(style('dt{white-space:nowrap}'), instead('<dt>Town', '<dt>The town of your first office')),
  'zoom box': style('h1{min-width:9em}'),
  'centres': style('[type=radio]{align-self:flex-end;margin:0 0 -3px}'),
  'targets button': style('button{padding:0}'),
  'targets link': style('footer a{padding:0}'),
  'targets row': style('dd a{padding:0}'),
  'targets covered': style('footer{position:relative;margin-top:-40px;background:#8882}'),
  'rows end': style('dd a{float:none}'),
  'rows line': style('dd a{margin-top:1em}'),
  'filled': style('button{background:#078}'),
  'contrast words': style('dt{color:#999}'),
  'contrast dark': style('dt{color:#555}'),
  'contrast edge': style('input:not([type=radio]){border-color:#8883;background:Canvas}'),
  'axe': instead('<html lang=en>', '<html>'),
  'order': style('form{display:flex;flex-direction:column}form>p:first-of-type{order:1}'),
  'order unseen': instead('<p><a href=/more', '<a href=/hid style="position:absolute;width:1px;height:1px;overflow:hidden">hid</a><p><a href=/more'),
  'focus thin': style(':focus-visible{outline:1px solid CanvasText}'),
  'focus pale': style(':focus-visible{outline:.2em solid #8884}'),
  'focus none': style('button:focus-visible{outline:0}'),
  'enter': instead('hidden></button>', 'hidden disabled></button>'),
  'forced': style('.m{border:0}'),
  'print button': style('@media print{.m{display:block}}'),
  'print white': style('@media print{header{color:#fff}}'),
  'aloud name': instead('<label for=name>', '<label for=other>'),
  'aloud group': instead('<legend>Colour</legend>', ''),
  'aloud description': instead('aria-describedby=name-h', 'aria-describedby=none'),
  'aloud heading': instead('<dl>', '<h1>Another</h1><dl>'),
  'aloud landmark': all(instead('<main>', '<div>'), instead('</main>', '</div>')),
  'aloud summary': instead('href=#name', 'href=#nobody'),
  'aloud focus': instead(' autofocus', ''),
  'aloud words': instead('aria-label="Change Town"', 'aria-label="Another town"'),
  'nu': instead('<dl>', '<dl><p>no row</p>'),
  'html': instead('<h1>', '<h1 id=name>'),
};

const file = name => name.replaceAll(' ', '-');

/** Writes the pages. */
export function spoil(folder) {
  writeFileSync(join(folder, 'sound.html'), hidden(SOUND));
  for (const [name, change] of Object.entries(SPOILED)) {
    writeFileSync(join(folder, `${file(name)}.html`), change(hidden(SOUND)));
  }
}

/** The rules of each page: the sound one goes through all, another through its own. */
export function ruled(rules) {
  return path => {
    const own = basename(path, '.html').split('-')[0];
    return own === 'sound' ? rules : rules.filter(rule => rule === own);
  };
}

/** What should have been found and was not; and what was found in the sound page. */
export function missed(faults, rules) {
  const wanted = Object.keys(SPOILED).filter(name => rules.includes(name.split(' ')[0]));
  const blind = wanted.filter(name => !faults.some(({ rule, page }) => rule === name.split(' ')[0] && page === file(name)));
  return [
    ...faults.filter(({ page }) => page === 'sound'),
    ...blind.map(name => ({ rule: name.split(' ')[0], page: file(name), how: '', words: 'its fault was not found' })),
  ];
}

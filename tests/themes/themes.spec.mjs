// The thread under the style sheets of real themes and frameworks, as npm has them: as wide as its column, with the
// measures that it has on a plain page whose text has the same font, size and colour. Pictures: ../out/themes.
// Next: ../browser/looks.spec.mjs tries each property and each place by itself.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Host, Server, closeBrowser, comment, open, visit } from '../browser/harness.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, '../out/themes');

/** What stands around the article in pages of that kind: `#around` is the column of the thread. */
const column = (name = '') => [`<div class="${name}"><div id="around">`, '</div></div>'];
const article = (name = '') => [`<div class="${name}"><article id="around"><h2>On keeping bees</h2><p>The first swarm came by itself.</p>`, '</article></div>'];
const THEMES = {
  '@exampledev/new.css/new.css': article(),
  '@picocss/pico/css/pico.css': article('container'),
  '@picocss/pico/css/pico.classless.css': column(),
  'bootstrap/dist/css/bootstrap.css': column('container text-center text-uppercase lh-lg fst-italic'),
  'bulma/css/bulma.css': column('content columns is-centered has-text-centered is-uppercase'),
  'foundation-sites/dist/css/foundation.css': column('grid-container text-center'),
  'github-markdown-css/github-markdown.css': article('markdown-body'),
  'infima/dist/css/default/default.css': article('container markdown'),
  'materialize-css/dist/css/materialize.css': column('container center-align'),
  'milligram/dist/milligram.css': article('container'),
  'mvp.css/mvp.css': article(),
  'normalize.css/normalize.css': column(),
  'purecss/build/pure.css': column('pure-g'),
  'sakura.css/css/sakura.css': article(),
  'sakura.css/css/sakura-dark.css': article(),
  'semantic-ui-css/semantic.css': column('ui text container'),
  'simpledotcss/simple.css': article(),
  'skeleton-css/css/skeleton.css': article('container'),
  'spectre.css/dist/spectre.css': column('container text-center text-uppercase'),
  'tachyons/css/tachyons.css': column('mw7 center ttu tracked-mega lh-copy tc i'),
  'tufte-css/tufte.css': article(),
  'uikit/dist/css/uikit.css': column('uk-container uk-flex uk-flex-center uk-text-center uk-text-uppercase'),
  'water.css/out/light.css': article(),
  'water.css/out/dark.css': article(),
};

let host, server, tag;
const ids = {};
before(async () => {
  await mkdir(out, { recursive: true });
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
  ({ tag } = host);
  ids.first = (await server.post(host.article(), { text: 'Smoke *calms* them. See [the book](https://bees.example/), or `wait`.\n\n- long\n- longer\n\n> so it was said\n\n```\nlet bees = 1;\n```' })).comment.id;
  ids.reply = (await server.post(host.article(), { parent: ids.first, text: 'Or makes them eat.', name: 'Bo' })).comment.id;
});
after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

async function shown(css, [before, behind], body) {
  host.style = css;
  host.tag = before + tag + behind;
  return visit({ expected: [/ERR_FAILED|style-src|font-src|img-src|404/] }, async (page) => {
    await page.clock.setFixedTime(Date.now() + 3_600_000);
    await open(page, host.article());
    await comment(page, ids.first).locator('[part~="fold"]').waitFor();
    return body(page);
  });
}

/** The column, what the thread inherits from it, and what the thread is like. */
const measured = (page) =>
  page.evaluate((ids) => {
    const thread = document.querySelector('afterword-thread');
    const style = getComputedStyle(thread);
    const root = thread.shadowRoot;
    const section = root.querySelector('section');
    const around = document.querySelector('#around');
    const column = getComputedStyle(around);
    const room = around.clientWidth - parseFloat(column.paddingLeft) - parseFloat(column.paddingRight);
    const origin = section.getBoundingClientRect();
    const round = (one) => Math.round(one * 2) / 2;
    const look = {};
    for (const [name, selector] of Object.entries({
      section: 'section', heading: 'h2', label: '.label', field: 'textarea', order: 'select', avatar: `#comment-${ids.first} .avatar`, author: `#comment-${ids.first} .author`,
      time: `#comment-${ids.first} .time`, text: `#comment-${ids.first} .body p`, link: `#comment-${ids.first} .body a`, list: `#comment-${ids.first} .body ul`, quote: `#comment-${ids.first} blockquote`, code: `#comment-${ids.first} pre`,
      vote: `#comment-${ids.first} .vote`, action: `#comment-${ids.first} .act:not(.vote):not(.fold)`, reply: `#comment-${ids.reply}`,
    })) {
      const element = root.querySelector(selector);
      const box = element.getBoundingClientRect();
      const { fontSize, lineHeight, fontWeight, fontStyle, color, textAlign, textTransform, letterSpacing, whiteSpace } = getComputedStyle(element);
      // A colour that was written otherwise is rounded otherwise.
      const tint = color.startsWith('color(') ? color.replace(/[\d.]+/g, (number) => Math.round(number * 255)) : color;
      look[name] = { box: [box.left - origin.left, box.top - origin.top, box.width, box.height].map(round), fontSize, lineHeight, fontWeight, fontStyle, tint, textAlign, textTransform, letterSpacing, whiteSpace };
    }
    const { fontFamily, fontSize, color, colorScheme, direction } = style;
    return { room: round(room), width: round(origin.width), over: document.documentElement.scrollWidth > innerWidth, font: { fontFamily, fontSize, color, colorScheme, direction }, look };
  }, ids);

/** A page that has only the font and the column of the other. */
const plainly = ({ font, width }) =>
  shown(`body { margin: 0 } #around { width: ${width}px; font: ${font.fontSize} ${font.fontFamily}; color: ${font.color}; color-scheme: ${font.colorScheme} } h2, p { margin: 0 }`, column(), measured);

async function themed(file, extra = '') {
  const css = (await readFile(path.join(here, 'node_modules', file), 'utf8')) + extra;
  return shown(css, THEMES[file], async (page) => {
    const found = await measured(page);
    if (!extra) await page.screenshot({ path: path.join(out, `${file.replace(/[@/]+/g, '-').replace(/^-/, '')}.png`), fullPage: true });
    return found;
  });
}

for (const file of Object.keys(THEMES)) {
  test(file, async () => {
    const found = await themed(file);
    assert.equal(found.width, found.room, 'as wide as the column');
    assert.ok(found.width >= 250, `a column of ${found.width} pixels`);
    assert.deepEqual(found.look, (await plainly(found)).look);
  });
}

test('control: where the reset is taken back, a theme is noticed', async () => {
  const file = 'bootstrap/dist/css/bootstrap.css';
  const found = await themed(file, 'afterword-thread::part(thread) { all: unset; display: block }');
  assert.notDeepEqual(found.look, (await plainly(found)).look);
  const narrow = await themed(file, '#around { display: grid } #around > afterword-thread { width: 256px }');
  assert.notEqual(narrow.width, narrow.room);
});

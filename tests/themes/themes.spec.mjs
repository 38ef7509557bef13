// The thread under the style sheets of real themes and frameworks from npm: as wide as its column, with the same sizes
// as on a plain page with the same font, size and colour, and with the page's own contrast. The same where a build
// wrote the comments into the container. Screenshots: ../out/themes.
// Next: ../browser/appearance.spec.mjs tests each property and each container separately.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Host, Server, closeBrowser, comment, open, request, visit } from '../browser/harness.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, '../out/themes');

/** The mark-up around the article in pages of that kind: `#around` is the column of the thread. */
const column = (name = '') => [`<div class="${name}"><div id="around">`, '</div></div>'];
const article = (name = '') => [
  `<div class="${name}"><article id="around"><h2>On keeping bees</h2><p>The first swarm came by itself.</p>`,
  '</article></div>',
];
/** Style sheets of npm packages; `+` joins those that are used together. */
const THEMES = {
  '@exampledev/new.css/new.css': article(),
  '@picocss/pico/css/pico.css': article('container'),
  '@picocss/pico/css/pico.classless.css': column(),
  '@tryghost/shared-theme-assets/assets/css/v2/screen.css': column('gh-content gh-canvas'),
  '@unocss/reset/tailwind.css + @tailwindcss/typography/dist/typography.css': article('prose prose-lg'),
  '@unocss/reset/tailwind-v4.css': column(),
  '@unocss/reset/eric-meyer.css': column(),
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

let host, server, tag, written;
const ids = {};
before(async () => {
  await mkdir(out, { recursive: true });
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
  ({ tag } = host);
  ids.first = (
    await server.post(host.article(), {
      text: 'Smoke *calms* them. See [the book](https://bees.example/), or `wait`.\n\n- long\n- longer\n\n> so it was said\n\n```\nlet bees = 1;\n```',
    })
  ).comment.id;
  ids.reply = (
    await server.post(host.article(), { parent: ids.first, text: 'Or makes them eat.', name: 'Bo' })
  ).comment.id;
  written = (await request(server.api(`/fragment?page=${encodeURIComponent(host.article())}`))).text;
});
after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

/** The measurements of a page with these styles; first `early`, before the widget has its comments. */
async function shown(css, [before, behind], body, { inside, early } = {}) {
  host.style = css;
  host.tag = before + (inside ? `<afterword-thread>${inside}</afterword-thread>` : '') + tag + behind;
  return visit({ expected: [/ERR_FAILED|style-src|font-src|img-src|404/] }, async (page) => {
    await page.clock.setFixedTime(Date.now() + 3_600_000);
    if (early) {
      let release;
      const held = new Promise((go) => (release = go));
      await page.route('**/api/v1/sites/blog/thread?**', async (route) => (await held, route.continue()));
      await page.goto(host.article());
      await early(page);
      release();
      await page.locator('afterword-thread').scrollIntoViewIfNeeded();
    } else await open(page, host.article());
    await comment(page, ids.first).locator('[part~="fold"]').waitFor();
    return body(page);
  });
}

/** Prerendered comments with the page's styles: all shown, none wider than the column. */
async function readable(page) {
  const found = await page.evaluate((ids) => {
    const thread = document.querySelector('afterword-thread');
    const column = document.querySelector('#around').getBoundingClientRect();
    const boxes = ids
      .map((id) => thread.querySelector(`#comment-${id} [itemprop=text] p`))
      .map((one) => one.checkVisibility() && one.getBoundingClientRect());
    return boxes.map(
      (box) => box && box.height > 0 && box.width > 0 && box.left >= column.left - 1 && box.right <= column.right + 1,
    );
  }, Object.values(ids));
  assert.deepEqual(found, [true, true], 'comments that were written in are shown in the column');
}

/** The column, what the thread inherits from it, and the thread's own measurements. */
const measured = (page) =>
  page.evaluate((ids) => {
    const thread = document.querySelector('afterword-thread');
    const style = getComputedStyle(thread);
    const root = thread.shadowRoot;
    const section = root.querySelector('section');
    const around = document.querySelector('#around');
    const column = getComputedStyle(around);
    const edges = ['paddingLeft', 'paddingRight', 'borderLeftWidth', 'borderRightWidth'].reduce(
      (sum, edge) => sum + parseFloat(column[edge]),
      0,
    );
    const room = around.getBoundingClientRect().width - edges;
    const origin = section.getBoundingClientRect();
    const round = (one) => Math.round(one * 2) / 2;
    const look = {};
    const tints = {};
    const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
      willReadFrequently: true,
    });
    const tint = (color) => {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = color;
      pen.fillRect(0, 0, 1, 1);
      return [...pen.getImageData(0, 0, 1, 1).data];
    };
    for (const [name, selector] of Object.entries({
      section: 'section',
      heading: 'h2',
      label: '.label',
      field: 'textarea',
      order: 'select',
      avatar: `#comment-${ids.first} .avatar`,
      author: `#comment-${ids.first} .author`,
      time: `#comment-${ids.first} .time`,
      text: `#comment-${ids.first} .body p`,
      link: `#comment-${ids.first} .body a`,
      list: `#comment-${ids.first} .body ul`,
      quote: `#comment-${ids.first} blockquote`,
      code: `#comment-${ids.first} pre`,
      vote: `#comment-${ids.first} .vote`,
      action: `#comment-${ids.first} .act:not(.vote):not(.fold)`,
      reply: `#comment-${ids.reply}`,
    })) {
      const element = root.querySelector(selector);
      const box = element.getBoundingClientRect();
      const {
        fontSize,
        lineHeight,
        fontWeight,
        fontStyle,
        color,
        textAlign,
        textTransform,
        letterSpacing,
        whiteSpace,
      } = getComputedStyle(element);
      tints[name] = tint(color);
      // Relative times get wider with every minute that the tests run.
      const width = name === 'time' ? 0 : box.width;
      look[name] = {
        box: [box.left - origin.left, box.top - origin.top, width, box.height].map(round),
        fontSize,
        lineHeight,
        fontWeight,
        fontStyle,
        textAlign,
        textTransform,
        letterSpacing,
        whiteSpace,
      };
    }
    const { fontFamily, fontSize, color, colorScheme, direction } = style;
    return {
      room: round(room),
      width: round(origin.width),
      over: document.documentElement.scrollWidth > innerWidth,
      font: { fontFamily, fontSize, color, colorScheme, direction },
      look,
      tints,
    };
  }, ids);

/**
 * The contrast of texts and their background by WCAG, and that of the page's own text. None where an image or a
 * gradient is behind it.
 */
const contrast = (page) =>
  page.evaluate((ids) => {
    const pen = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
      willReadFrequently: true,
    });
    const paint = (layers) => {
      pen.globalAlpha = 1;
      pen.fillStyle = '#fff';
      for (const layer of [pen.fillStyle, ...layers]) {
        pen.fillStyle = layer;
        pen.fillRect(0, 0, 1, 1);
      }
      return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const luminance = (rgb) => {
      const [r, g, b] = rgb
        .map((one) => one / 255)
        .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (element, drawn = 'color') => {
      const layers = [];
      for (let each = element; each; each = each.assignedSlot ?? each.parentElement ?? each.getRootNode().host) {
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(each);
        if (backgroundImage !== 'none' || opacity !== '1') return null;
        layers.unshift(backgroundColor);
      }
      const [one, other] = [
        luminance(paint([...layers, getComputedStyle(element)[drawn]])),
        luminance(paint(layers)),
      ].sort((a, b) => b - a);
      return Math.round(((one + 0.05) / (other + 0.05)) * 100) / 100;
    };
    const root = document.querySelector('afterword-thread').shadowRoot;
    const first = `#comment-${ids.first}`;
    const found = { page: ratio(document.querySelector('#around')) };
    for (const selector of [
      'h2',
      '.label',
      'textarea',
      'select',
      '.sort',
      ...[
        '.author',
        '.time',
        '.body p',
        '.body a',
        '.body li',
        'blockquote',
        'pre code',
        '.vote',
        '.act:not(.vote)',
        '[part~=fold]',
      ].map((one) => `${first} ${one}`),
    ]) {
      const element = root.querySelector(selector);
      if (element) found[selector.replace(`${first} `, '')] = ratio(element);
    }
    found['edge of the field'] = ratio(root.querySelector('textarea'), 'borderTopColor');
    return found;
  }, ids);
const EDGE = 'edge of the field';

/**
 * The parts below the contrast that WCAG AA requires: of text, and of the outlines of controls. Code has a background
 * that reduces it slightly.
 */
const faint = (ratios) => {
  const least = { [EDGE]: 3, 'pre code': Math.min(4.5, ratios.page * 0.93) };
  return Object.entries(ratios).filter(([part, ratio]) => ratio !== null && ratio < (least[part] ?? 4.5));
};

/** The text of a package's style sheet, with the files that it imports. */
async function sheet(file) {
  const css = await readFile(file, 'utf8');
  const parts = await Promise.all(
    [...css.matchAll(/^@import "([\w/.-]+)";$/gm)].map(([, name]) => sheet(path.join(path.dirname(file), name))),
  );
  return [...parts, css.replace(/^@import .*$/gm, '')].join('\n');
}

/** Colours that differ by more than the rounding of the page's own notation. */
const recoloured = (one, other) =>
  Object.keys(one.tints).filter((part) =>
    one.tints[part].some((value, n) => Math.abs(value - other.tints[part][n]) > 2),
  );

/** A page with only the font and the column of the other. */
const plainly = ({ font, width }) =>
  shown(
    `body { margin: 0 } #around { width: ${width}px; font: ${font.fontSize} ${font.fontFamily}; color: ${font.color}; color-scheme: ${font.colorScheme} } h2, p { margin: 0 }`,
    column(),
    measured,
  );

async function themed(name, { extra = '', read = measured, ...options } = {}) {
  const sheets = await Promise.all(name.split(' + ').map((file) => sheet(path.join(here, 'node_modules', file))));
  return shown([...sheets, extra].join('\n'), THEMES[name], read, options);
}

for (const name of Object.keys(THEMES)) {
  test(name, async () => {
    const [found, ratios] = await themed(name, {
      read: async (page) => {
        await page.screenshot({
          path: path.join(out, `${name.replace(/[@/ +]+/g, '-').replace(/^-/, '')}.png`),
          fullPage: true,
        });
        return [await measured(page), await contrast(page)];
      },
    });
    assert.equal(found.width, found.room, 'as wide as the column');
    assert.ok(found.width >= 250, `a column of ${found.width} pixels`);
    const plain = await plainly(found);
    assert.deepEqual(found.look, plain.look);
    assert.deepEqual(recoloured(found, plain), []);
    assert.ok(ratios.page !== null, 'the page has a background that can be measured');
    if (ratios.page >= 4.5)
      assert.deepEqual(faint(ratios), [], `as easy to read as the page, whose text has ${ratios.page}`);

    const taken = await themed(name, { inside: written, early: readable });
    assert.equal(taken.width, taken.room, 'as wide as the column in place of comments that were written in');
    assert.deepEqual(taken.look, plain.look, 'the same in place of comments that were written in');
    assert.deepEqual(recoloured(taken, plain), []);
  });
}

/** Texts with just enough contrast, some of them translucent. */
const TEXTS = [
  ['#767676', '#fff'],
  ['#6b6b6b', '#fff'],
  ['#595959', '#fff'],
  ['#444', '#fff'],
  ['rgb(0 0 0 / 60%)', '#fff'],
  ['rgb(0 0 0 / 87%)', '#fff'],
  ['rgb(51 51 51 / 75%)', '#fff'],
  ['oklch(.5 .2 30)', '#fff'],
  ['#0a7a3c', '#fff'],
  ['#00f', '#fff'],
  ['#6e6e6e', '#f6f6f6'],
  ['#7c7c7c', '#000'],
  ['#8f8f8f', '#121212'],
  ['#aaa', '#222'],
  ['#ccc', '#222'],
  ['rgb(255 255 255 / 60%)', '#121212'],
  ['#ff0', '#222'],
  ['#f66', '#111'],
  ['#eee', '#1d2a3a'],
];
for (const [text, behind] of TEXTS) {
  test(`${text} on ${behind} stays as easy to read`, async () => {
    const ratios = await shown(`html { background: ${behind} } body { color: ${text} }`, column(), contrast);
    assert.ok(ratios.page >= 4.5, `the page's own is ${ratios.page}`);
    assert.deepEqual(faint(ratios), [], `the page's own is ${ratios.page}`);
  });
}

test('control: without the reset, a theme’s effect is detected', async () => {
  const name = 'bootstrap/dist/css/bootstrap.css';
  for (const inside of [undefined, written]) {
    const found = await themed(name, {
      extra: 'afterword-thread::part(thread) { all: unset; display: block }',
      inside,
    });
    assert.notDeepEqual(found.look, (await plainly(found)).look);
    const narrow = await themed(name, {
      extra: '#around { display: grid } #around > afterword-thread { width: 256px }',
      inside,
    });
    assert.notEqual(narrow.width, narrow.room);
  }
});

test('control: low contrast, hidden and too wide comments are detected', async () => {
  const name = 'bootstrap/dist/css/bootstrap.css';
  const [ratios, tinted] = await themed(name, {
    extra: 'afterword-thread { --afterword-muted: #999 }',
    read: async (page) => [await contrast(page), await measured(page)],
  });
  assert.ok(ratios.page > 4.5);
  assert.ok(
    faint(ratios).some(([part]) => part === '.time'),
    JSON.stringify(ratios),
  );
  assert.ok(recoloured(tinted, await plainly(tinted)).includes('time'));
  for (const extra of ['afterword-thread article { display: none }', 'afterword-thread article { width: 3000px }']) {
    await assert.rejects(themed(name, { extra, inside: written, early: readable }), /shown in the column/);
  }
});

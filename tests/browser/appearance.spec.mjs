// The appearance inside other designs: what the thread inherits from the page, its width, light and dark, and print.
// Next: ../themes measures it under the style sheets of real themes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, Server, closeBrowser, comment, focusedForm, open, visit, write } from './harness.mjs';
import { widget as names } from './names.mjs';

const CODE = `const hive = [${Array.from({ length: 60 }, (_, n) => `"frame ${n}"`).join(', ')}];`;

let host, server, plain, tag, first;
const ids = {};
before(async () => {
  host = await Host.start();
  plain = host.style;
  server = await Server.start({ origin: host.origin });
  host.show(server);
  ({ tag } = host);
  for (const [name, parent, text] of [
    [
      'first',
      null,
      'Smoke *calms* them. See [the book](https://bees.example/), or:\n\n- wait\n- wait longer\n\n> so it was said',
    ],
    ['answer', 'first', 'Or makes them eat.'],
    ['code', null, `Mine are counted:\n\n\`\`\`\n${CODE}\n\`\`\``],
  ]) {
    ids[name] = (await server.post(host.article(), { parent: ids[parent] ?? null, text })).comment.id;
  }
  first = `comment-${ids.first}`;
});
after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

/**
 * A page with the thread in a container; `body(page, look)` may add rules with `look(rules)`, before those that every
 * page has from the loader.
 */
async function styled(body, { around = '<div id="around">', root = '', ...options } = {}) {
  host.tag = `${around}${tag.replace('<script', `<script ${root}`)}</div>`;
  try {
    return await visit(options, async (page) => {
      await page.clock.setFixedTime(Date.now() + 3_600_000);
      await open(page, host.article());
      // Waits for the parts that load late; the last of them is the collapse button.
      await comment(page, ids.first).locator('[part~="fold"]').waitFor();
      await page.evaluate(() => document.adoptedStyleSheets.unshift((window.own = new CSSStyleSheet())));
      const look = async (rules, read = computed) => {
        await page.evaluate((rules) => window.own.replaceSync(rules), rules);
        return read(page);
      };
      return await body(page, look);
    });
  } finally {
    host.tag = tag;
  }
}

/** All computed styles of parts of the thread, with their geometry. */
const computed = (page) =>
  page.evaluate((id) => {
    const thread = document.querySelector('afterword-thread');
    const root = thread.shadowRoot ?? thread;
    const found = {};
    for (const [name, selector] of Object.entries({
      section: 'section',
      heading: 'h2',
      label: '.label',
      field: 'textarea',
      author: `#${id} .author`,
      time: `#${id} .time`,
      avatar: `#${id} .avatar`,
      text: `#${id} .body p`,
      link: `#${id} .body a`,
      emphasis: `#${id} .body em`,
      list: `#${id} .body ul`,
      item: `#${id} .body li`,
      quote: `#${id} .body blockquote`,
      code: '.body code',
      vote: `#${id} .vote`,
      reply: `#${id} .act:not(.vote)`,
      order: 'select',
    })) {
      const style = getComputedStyle(root.querySelector(selector));
      found[name] = Object.fromEntries(
        [...style]
          .filter((property) => !property.startsWith('--'))
          .map((property) => [property, style.getPropertyValue(property)]),
      );
    }
    return found;
  }, first);

function differences(one, other) {
  const found = [];
  for (const [part, style] of Object.entries(one)) {
    for (const [property, value] of Object.entries(style))
      if (other[part][property] !== value) found.push(`${part} ${property}: ${value} became ${other[part][property]}`);
  }
  return found;
}

/**
 * All inherited CSS properties except those that the thread inherits: font family and size, colour, colour scheme,
 * writing mode, visibility and pointer events.
 */
const INHERITED = {
  'accent-color': 'red',
  'border-collapse': 'collapse',
  'border-spacing': '9px',
  'caption-side': 'bottom',
  'caret-color': 'red',
  'color-interpolation': 'linearRGB',
  cursor: 'crosshair',
  'empty-cells': 'hide',
  fill: 'red',
  'font-feature-settings': '"smcp"',
  'font-kerning': 'none',
  'font-optical-sizing': 'none',
  'font-palette': 'dark',
  'font-size-adjust': '.9',
  'font-stretch': '50%',
  'font-style': 'italic',
  'font-synthesis': 'none',
  'font-variant': 'small-caps tabular-nums',
  'font-variation-settings': '"wght" 700',
  'font-weight': '700',
  'hyphenate-character': '"="',
  hyphens: 'auto',
  'image-orientation': 'none',
  'image-rendering': 'pixelated',
  'letter-spacing': '5px',
  'line-break': 'anywhere',
  'line-height': '3',
  'list-style': 'square inside',
  orphans: '5',
  'overflow-wrap': 'anywhere',
  'paint-order': 'stroke',
  'print-color-adjust': 'exact',
  quotes: '"!" "!"',
  'ruby-position': 'under',
  'scrollbar-color': 'red blue',
  'shape-rendering': 'crispEdges',
  stroke: 'red',
  'stroke-dasharray': '1',
  'stroke-width': '5',
  'tab-size': '2',
  'text-align': 'center',
  'text-align-last': 'right',
  'text-anchor': 'end',
  'text-combine-upright': 'all',
  'text-decoration-skip-ink': 'none',
  'text-emphasis': 'dot',
  'text-indent': '3em',
  'text-rendering': 'geometricPrecision',
  'text-shadow': '1px 1px red',
  'text-transform': 'uppercase',
  'text-underline-offset': '9px',
  'text-underline-position': 'under',
  'text-wrap': 'balance',
  'user-select': 'none',
  '-webkit-tap-highlight-color': 'red',
  '-webkit-text-fill-color': 'red',
  '-webkit-text-security': 'disc',
  '-webkit-text-stroke': '1px red',
  'white-space': 'pre',
  widows: '5',
  'word-break': 'break-all',
  'word-spacing': '9px',
};

// user-select is left to the owner.
const ruled = Object.entries(INHERITED).filter(([property]) => property !== 'user-select');
const all = `#around { ${ruled.map(([property, value]) => `${property}: ${value};`).join(' ')} }`;

test('the thread inherits font family, size and colour, and no other property of its container', () =>
  styled(async (page, look) => {
    const wanted = await look('');
    for (const [property, value] of ruled) {
      assert.ok(
        await page.evaluate(([property, value]) => CSS.supports(property, value), [property, value]),
        `${property}: ${value} is CSS`,
      );
      assert.deepEqual(
        differences(wanted, await look(`#around { ${property}: ${value} }`)),
        [],
        `${property}: ${value}`,
      );
    }
    assert.deepEqual(differences(wanted, await look(all)), []);
  }));

test('control: without the reset, nearly every one of them reaches the comments', () =>
  styled(async (_page, look) => {
    const found = differences(
      await look(''),
      await look(`${all} afterword-thread::part(thread) { all: unset; display: block }`),
    );
    const missed = ruled.filter(([property]) => !found.some((line) => line.startsWith(`text ${property}`)));
    assert.ok(missed.length < 6, `these do not: ${missed}`);
  }));

test('the container’s font family, size, colour, visibility and language apply inside', async () => {
  await styled(async (_page, look) => {
    const { text } = await look(
      '#around { font-family: monospace; font-size: 20px; color: rgb(10, 20, 30); visibility: hidden; pointer-events: none }',
    );
    assert.deepEqual(
      [text['font-family'], text['font-size'], text.color, text.visibility, text['pointer-events']],
      ['monospace', '20px', 'rgb(10, 20, 30)', 'hidden', 'none'],
    );
  });
  await styled(
    async (page) =>
      assert.equal(
        await page
          .locator('afterword-thread section')
          .evaluate((one) => getComputedStyle(one).getPropertyValue('-webkit-locale')),
        '"ja"',
        'the letters of its language',
      ),
    { root: 'data-lang="ja"' },
  );
});

/** Containers that take their width from their content, or position it. */
const PLACES = {
  'a grid that centres': '#around { display: grid; justify-items: center }',
  'a grid that begins': '#around { display: grid; justify-items: start; align-items: center }',
  'a column that centres': '#around { display: flex; flex-direction: column; align-items: center }',
  'a row': '#around { display: flex }',
  'a row that centres': '#around { display: flex; justify-content: center; align-items: center }',
  'a row of boxes': 'main { display: flex; flex-wrap: wrap } #around { flex: 0 1 auto }',
  'a child of a column': 'main { display: flex; flex-direction: column; align-items: flex-start }',
  'a box beside nothing': '#around { float: left }',
  'a block in a line': '#around { display: inline-block }',
  'a box that fits': '#around { width: fit-content }',
  'a table': '#around { display: table }',
  'a cell': '#around { display: table-cell }',
  'margins that centre': '#around { display: grid } #around > * { margin-inline: auto }',
  'a thread beside nothing': 'afterword-thread { float: left }',
  'an owner’s own block': '#around { float: left } afterword-thread { display: block }',
};

test('the thread is as wide as its column in every container', async () => {
  const measure = (page) =>
    page.evaluate(() => {
      const { left, width } = document
        .querySelector('afterword-thread')
        .shadowRoot.querySelector('section')
        .getBoundingClientRect();
      return { left, width, over: document.documentElement.scrollWidth > innerWidth };
    });
  for (const viewport of [
    { width: 1280, height: 900 },
    { width: 375, height: 812 },
  ]) {
    await styled(
      async (_page, look) => {
        const wanted = await look('', measure);
        assert.ok(wanted.width > 300);
        for (const [name, rules] of Object.entries(PLACES))
          assert.deepEqual(await look(rules, measure), wanted, `${name} at ${viewport.width}`);
      },
      { viewport },
    );
  }
});

test('a thread leaves space for an article in the same row', () =>
  styled(async (_page, look) => {
    const rules = 'main { display: flex; max-width: none } main > article { flex: 0 0 400px } #around { flex: 1 1 0 }';
    const widths = await look(rules, (page) =>
      page.evaluate(() => ['main > article', 'afterword-thread'].map((one) => document.querySelector(one).offsetWidth)),
    );
    assert.equal(widths[0], 400);
    assert.ok(widths[1] > 400, String(widths));
  }));

test('a page with another rem changes no size', () =>
  styled(async (_page, look) => {
    // The page's own lengths stay: only the root's font size differs.
    const lengths = 'body { font-size: 19px } main { max-width: 632px; padding: 0; margin: 0 auto }';
    const wanted = await look(lengths);
    assert.equal(wanted.avatar.width, '36px');
    for (const size of ['62.5%', '10px', '24px', '1vw'])
      assert.deepEqual(differences(wanted, await look(`html { font-size: ${size} } ${lengths}`)), [], size);
  }));

test('universal rules do not apply inside the element', () =>
  styled(async (_page, look) => {
    const wanted = await look('');
    for (const rules of [
      ':where(#around *) { margin: 0; box-sizing: content-box; transition: all .3s }',
      ':where(#around *), ::before, ::after { margin: 0; padding: 0; box-sizing: border-box }',
      'article > *, #around > * { text-indent: 2em; line-height: 2 }',
      '#around :is(iframe, div, section, article, ol, li, button, textarea, select) { max-width: 100px; letter-spacing: 2px }',
      '* { letter-spacing: 2px; font-style: italic }',
      'button, textarea, input, select { all: unset; font-size: 40px }',
      '* { user-modify: read-only; hyphens: auto; word-break: break-all; text-wrap: nowrap }',
    ]) {
      assert.deepEqual(differences(wanted, await look(rules)), [], rules);
    }
  }));

const scheme = (page) =>
  page.evaluate(() =>
    getComputedStyle(document.querySelector('afterword-thread').shadowRoot.querySelector('option')).backgroundColor ===
    'rgb(255, 255, 255)'
      ? 'light'
      : 'dark',
  );
async function becomes(page, wanted, why) {
  for (let attempt = 0; attempt < 40 && (await scheme(page)) !== wanted; attempt++) await page.waitForTimeout(50);
  assert.equal(await scheme(page), wanted, why);
}

test('light and dark are distinguished in every colour notation', async () => {
  // The page sets no color-scheme: only its text colour decides.
  const base = 'html { color-scheme: normal; background: none } body { background: none } ';
  for (const [wanted, colours] of [
    [
      'dark',
      [
        'oklch(0.93 0.02 250)',
        'lab(92 0 0)',
        'lch(90 5 80)',
        'oklab(0.9 0 0)',
        'color(display-p3 0.9 0.9 0.9)',
        'color(srgb-linear 0.8 0.8 0.8)',
        'hwb(0 90% 5%)',
        'hsl(200 10% 90%)',
        'rgb(255 255 255 / 87%)',
        'color-mix(in oklch, white 90%, blue)',
        'whitesmoke',
      ],
    ],
    [
      'light',
      [
        'oklch(0.25 0.02 250)',
        'lab(12 0 0)',
        'lch(20 5 80)',
        'oklab(0.2 0 0)',
        'color(display-p3 0.1 0.1 0.1)',
        'color(srgb-linear 0.00001 0 0)',
        'hwb(0 5% 90%)',
        'hsl(200 10% 10%)',
        'rgb(0 0 0 / 87%)',
        'color-mix(in oklch, black 90%, white)',
        '#222',
      ],
    ],
  ]) {
    // The first of them is present from the start.
    host.style = `${plain} ${base} body, main { color: ${colours[0]} }`;
    await styled(async (page, look) => {
      await becomes(page, wanted, colours[0]);
      for (const colour of colours.slice(1)) {
        await look(`main { color: ${wanted === 'dark' ? 'black' : 'white'} }`, (page) =>
          becomes(page, wanted === 'dark' ? 'light' : 'dark', 'the opposite'),
        );
        await look(`main { color: ${colour} }`, (page) => becomes(page, wanted, colour));
      }
    }).finally(() => (host.style = plain));
  }
  host.style = `${plain} ${base} body { color: #eee; background: linear-gradient(#000, #223) } main { color: inherit }`;
  await styled((page) => becomes(page, 'dark', 'a gradient')).finally(() => (host.style = plain));
});

test('the thread follows every way of turning a page dark', async () => {
  const rules = `:root { color-scheme: normal; --ink: #111 } body, main { color: var(--ink); background: none }
    [data-look="night"][data-look] { --ink: oklch(0.95 0 0) } .slow main { transition: color .3s } #around.hidden { display: none }
    @media (prefers-color-scheme: dark) { :root { --ink: #eee } }`;
  const ways = {
    'an attribute that is on no list': [
      () => document.documentElement.setAttribute('data-look', 'night'),
      () => document.documentElement.removeAttribute('data-look'),
    ],
    'an attribute of the container': [
      () => document.querySelector('main').setAttribute('data-look', 'night'),
      () => document.querySelector('main').removeAttribute('data-look'),
    ],
    'a property': [
      () => document.documentElement.style.setProperty('--ink', 'white'),
      () => document.documentElement.style.removeProperty('--ink'),
    ],
    'another style sheet': [
      () => (
        document.adoptedStyleSheets.push(new CSSStyleSheet()),
        document.adoptedStyleSheets.at(-1).replaceSync('main { color: #ddd }')
      ),
      () => document.adoptedStyleSheets.pop(),
    ],
    'a rule in a sheet': [
      () =>
        document.styleSheets[0].insertRule('main { color: #ddd !important }', document.styleSheets[0].cssRules.length),
      () => document.styleSheets[0].deleteRule(document.styleSheets[0].cssRules.length - 1),
    ],
    'a colour that fades': [
      () => (document.body.classList.add('slow'), document.documentElement.setAttribute('data-look', 'night')),
      () => (document.documentElement.removeAttribute('data-look'), document.body.classList.remove('slow')),
    ],
    'while the thread was hidden': [
      () => {
        const { classList } = document.querySelector('#around');
        classList.add('hidden');
        requestAnimationFrame(
          () => (
            document.documentElement.setAttribute('data-look', 'night'),
            requestAnimationFrame(() => classList.remove('hidden'))
          ),
        );
      },
      () => document.documentElement.removeAttribute('data-look'),
    ],
  };
  host.style = plain + rules;
  await styled(
    async (page) => {
      for (const [name, [on, off]] of Object.entries(ways)) {
        await becomes(page, 'light', `before ${name}`);
        await page.evaluate(on);
        await becomes(page, 'dark', name);
        await page.evaluate(off);
      }
      await becomes(page, 'light', 'at the end');
      await page.emulateMedia({ colorScheme: 'dark' });
      await becomes(page, 'dark', 'the system');
    },
    { colorScheme: 'light' },
  ).finally(() => (host.style = plain));
});

test('a light page that leaves the scheme to the system keeps light controls', async () => {
  host.style = `${plain} html { color-scheme: normal; background: none } body { background: #fff; color: #111 }`;
  const around = '<meta name="color-scheme" content="dark light"><div id="around">';
  await styled((page) => becomes(page, 'light', 'a meta element that allows both'), {
    around,
    colorScheme: 'dark',
  }).finally(() => (host.style = plain));
});

/** The number of printed sheets. */
const sheets = async (page) => (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type\s*\/Page\b/g).length;

test('no empty space is printed before the thread is loaded or when it fails', async () => {
  const without = await visit({}, async (page) => {
    host.tag = '';
    await page.goto(host.article());
    return sheets(page);
  }).finally(() => (host.tag = tag));
  const owners =
    'afterword-thread { display: block; margin-block: 3rem; min-height: 100vh } afterword-thread[state] { min-height: 15rem }';
  for (const rules of ['', owners]) {
    for (const root of ['data-loading="manual"', '']) {
      host.style = plain + rules;
      host.tag = tag.replace('<script', `<script ${root}`);
      try {
        await visit({ expected: [/ERR_FAILED/] }, async (page) => {
          if (!root) await page.route('**/thread?*', (route) => route.abort());
          await page.goto(host.article());
          if (!root) {
            await page.evaluate(() => document.querySelector('afterword-thread').load());
            await page.locator('afterword-thread[state=failed]').waitFor();
          }
          await page.emulateMedia({ media: 'print' });
          assert.ok(
            (await page.locator('afterword-thread').evaluate((one) => one.offsetHeight)) < 30,
            `${root} ${rules}`,
          );
          assert.equal(await sheets(page), without, `${root} ${rules}`);
        });
      } finally {
        host.style = plain;
        host.tag = tag;
      }
    }
  }
});

test('all comments are printed, collapsed ones too, with wrapped code and no controls', async () => {
  await visit({}, async (page) => {
    await open(page, host.article());
    const fold = comment(page, ids.first).locator('[part~="fold"]');
    await fold.click();
    await comment(page, ids.answer).waitFor({ state: 'hidden' });
    // Its author edits it, and prints.
    await page.locator('afterword-thread form').first().getByRole('textbox', { name: names.text }).click();
    await write(
      page.locator('afterword-thread form').first(),
      { name: 'Bo', text: 'Printed while being changed.' },
      names,
    );
    const mine = page.locator('afterword-thread article', { hasText: 'Printed while' });
    await mine.getByRole('button', { name: names.edit }).click();
    await focusedForm(page);
    await page.emulateMedia({ media: 'print' });
    for (const id of Object.values(ids))
      assert.equal(await comment(page, id).locator('.body').first().isVisible(), true);
    assert.equal(await mine.locator('.body').first().isVisible(), true);
    const { shown, skipped, cut } = await page.evaluate(() => {
      const root = document.querySelector('afterword-thread').shadowRoot;
      const visible = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
      return {
        shown: [...root.querySelectorAll('button, textarea, input, select, form')]
          .filter(visible)
          .map((one) => one.className || one.localName),
        skipped: [...root.querySelectorAll('li')].filter((one) => getComputedStyle(one).contentVisibility !== 'visible')
          .length,
        cut: [...root.querySelectorAll('pre')].filter((one) => one.scrollWidth > one.clientWidth).length,
      };
    });
    assert.deepEqual([shown, skipped, cut], [[], 0, 0]);
  });
  const cut = await visit({}, async (page) => {
    await open(page, host.article());
    return page.locator('afterword-thread pre').evaluate((one) => one.scrollWidth > one.clientWidth);
  });
  assert.equal(cut, true, 'control: on a screen the code is scrolled');
});

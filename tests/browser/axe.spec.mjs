// Accessibility by axe, in every state of the thread and of the admin pages.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Host, OWNER, Server, closeBrowser, comment, open, unfold, visit, write } from './harness.mjs';
import { admin, widget as names } from './names.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let host;
let server;
/** A site that holds every comment. */
let strictHost;
let strict;
const pages = {};

before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
  pages.full = host.article('full');
  const first = await server.post(pages.full, {
    text: 'A **first** comment with `code` and a [link](https://example.org/).',
  });
  const second = await server.post(pages.full, {
    text: '> quoted\n\nA reply.',
    parent: first.comment.id,
    website: 'https://ann.example/',
  });
  await server.post(pages.full, { text: 'العسل دواء', name: 'ليلى', parent: second.comment.id });
  for (let n = 0; n < 20; n++)
    await server.post(pages.full, { text: `Another thought, number ${n}.`, name: `Reader ${n}` });
  pages.first = first.comment.id;
  pages.one = host.article('one');
  await server.post(pages.one, { text: 'The only one so far.' });
  pages.deep = host.article('deep');
  let above;
  for (let n = 0; n < 200; n++) {
    // Fourteen levels deep, then again from the top.
    const { comment: one } = await server.post(pages.deep, {
      text: `Nested, number ${n}.`,
      parent: n % 14 ? above : undefined,
      name: `Reader ${n % 9}`,
    });
    above = one.id;
    if (n === 8) pages.ninth = one.id;
  }
  strictHost = await Host.start();
  strict = await Server.start({ origin: strictHost.origin, settings: ['moderation=all'] });
  strictHost.show(strict);
});

after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
  await strict?.stop();
  await strictHost?.stop();
});

/** Violations as lines; axe looks into open shadow roots. */
async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), RULES);
  return result.violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id} (${one.impact}): ${JSON.stringify(node.target)} ${node.html.slice(0, 120)}`),
  );
}

/** Fields whose only name is a placeholder or an attribute: axe accepts them, users cannot see it. */
const unlabelled = (page) =>
  page.evaluate(() => {
    const roots = [
      document,
      ...[...document.querySelectorAll('*')].map((element) => element.shadowRoot).filter(Boolean),
    ];
    return roots
      .flatMap((root) => [
        ...root.querySelectorAll('textarea, select, input:not([type="hidden"], [type="submit"], [type="button"])'),
      ])
      .filter((field) => field.checkVisibility?.() ?? true)
      .filter((field) => ![...(field.labels ?? [])].some((label) => label.innerText.trim()))
      .map((field) => field.outerHTML.slice(0, 120));
  });

const look = { bypassCSP: true };

async function check(options, url, prepare = async () => {}) {
  await visit({ ...look, ...options }, async (page) => {
    if (url.startsWith(host.origin) || url.startsWith(strictHost.origin)) {
      await open(page, url);
      await page.getByRole('textbox', { name: names.text }).first().waitFor();
    } else {
      await page.goto(url);
    }
    await prepare(page);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(await unlabelled(page), []);
  });
}

test('control: axe sees faults, also inside a shadow root', async () => {
  await visit(look, async (page) => {
    await page.setContent(
      '<!doctype html><html lang="en"><title>bad</title><main><h1>Bad</h1><x-bad></x-bad><input placeholder="Name"></main>',
    );
    await page.evaluate(() => {
      const root = document.querySelector('x-bad').attachShadow({ mode: 'open' });
      const image = document.createElement('img');
      image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw=';
      const text = document.createElement('p');
      text.textContent = 'hard to read';
      text.style.color = '#ccc';
      text.style.backgroundColor = '#fff';
      root.append(image, text, document.createElement('button'));
    });
    const found = (await violations(page)).join('\n');
    for (const rule of ['image-alt', 'color-contrast', 'button-name']) assert.match(found, new RegExp(rule));
    assert.equal((await unlabelled(page)).length, 1);
  });
});

test('a thread', () => check({}, pages.full));
test('one comment', () => check({}, pages.one));
test('two hundred comments, fourteen levels deep', () =>
  check({}, pages.deep, async (page) => {
    assert.equal(await page.locator('afterword-thread article').count(), 200);
    await unfold(page);
  }));
test('two hundred of them at 320 pixels do not scroll sideways', () =>
  check({ viewport: { width: 320, height: 640 } }, pages.deep, async (page) => {
    await unfold(page);
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= room, `${wide} pixels of ${room}`);
  }));
test('an empty thread', () => check({}, host.article('empty')));
test('a thread on a phone', () => check({ viewport: { width: 375, height: 720 } }, pages.full));
test('a thread at 320 pixels does not scroll sideways', () =>
  check({ viewport: { width: 320, height: 640 } }, pages.full, async (page) => {
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= room, `${wide} pixels of ${room}`);
  }));
test('forced colours', () => check({ forcedColors: 'active' }, pages.full));
test('reduced motion', () => check({ reducedMotion: 'reduce' }, pages.full));

test('a dark page', async () => {
  host.look = 'dark';
  try {
    await check({}, pages.full);
  } finally {
    host.look = '';
  }
});

test('a page that turns dark', () =>
  check({}, pages.full, async (page) => {
    await page.evaluate(() => document.documentElement.classList.add('dark'));
    await page.waitForTimeout(300);
  }));

test('a page from right to left', async () => {
  host.look = 'rtl';
  try {
    // The widget is in the page's language here, so the field is found by its kind.
    await visit(look, async (page) => {
      await open(page, pages.full);
      await page.locator('afterword-thread textarea').first().waitFor();
      assert.deepEqual(await violations(page), []);
      assert.deepEqual(await unlabelled(page), []);
    });
  } finally {
    host.look = '';
  }
});

/** The element with the focus, inside the thread's shadow root. */
const focus = (page) =>
  page.evaluate(
    () =>
      document.querySelector('afterword-thread').shadowRoot.activeElement?.outerHTML.slice(0, 80) ??
      'nowhere in the thread',
  );

test('an open reply has the focus, and Escape returns it', () =>
  check({}, pages.full, async (page) => {
    const reply = comment(page, pages.first).getByRole('button', { name: names.reply });
    await reply.click();
    await page.locator('form:focus-within').getByRole('button', { name: names.post }).waitFor();
    assert.match(await focus(page), /^<textarea/);
    await page.keyboard.press('Escape');
    assert.match(await focus(page), /^<button.*action reply/);
    await reply.click();
    await page.locator('form:focus-within').getByRole('button', { name: names.post }).waitFor();
  }));

test('a held comment', () =>
  check({}, strictHost.article('held'), async (page) => {
    await write(page.locator('afterword-thread form').first(), { name: 'Ada', text: 'Be kind to this one.' }, names);
    await page.locator('afterword-thread').getByText(names.held).first().waitFor();
    assert.match(await focus(page), /^<article/, 'what was written has the focus');
  }));

test('an unsent comment', () =>
  check({ expected: [/ERR_FAILED/] }, host.article('offline'), async (page) => {
    await page.route('**/comments', (route) => route.abort());
    await write(page.locator('afterword-thread form').first(), { name: 'Ada', text: 'Written in a tunnel.' }, names);
    await page.locator('afterword-thread [part~="waiting"]').waitFor();
  }));

test('a deleted comment that can be restored', () =>
  check({}, host.article('regret'), async (page) => {
    await write(page.locator('afterword-thread form').first(), { name: 'Ada', text: 'On second thoughts.' }, names);
    const mine = page.locator('afterword-thread article').filter({ hasText: 'On second thoughts.' });
    await mine.getByRole('button', { name: names.remove }).click();
    await page.getByRole('button', { name: names.undo }).waitFor();
    assert.match(await focus(page), /Undo/);
  }));

test('the exact time, shown on focus', () =>
  check({}, pages.full, async (page) => {
    await page.waitForFunction(
      (id) => document.querySelector('afterword-thread').shadowRoot.querySelector(`#comment-${id} .time[data-peek]`),
      pages.first,
    );
    await comment(page, pages.first).focus();
    await page.keyboard.press('Tab');
    while (!(await focus(page)).includes('class="time"')) await page.keyboard.press('Tab');
    await page.locator('afterword-thread [part="peek"]').waitFor();
  }));

test('the preview of a deep reply’s parent', () =>
  check({}, pages.deep, async (page) => {
    const link = comment(page, pages.ninth).locator('.to a');
    await link.scrollIntoViewIfNeeded();
    await link.hover();
    await page.locator('afterword-thread [part="peek"]').waitFor();
  }));

test('the Quote button', () =>
  check({}, pages.full, async (page) => {
    await page.waitForTimeout(300);
    await comment(page, pages.first)
      .locator('[part~="body"] p')
      .first()
      .evaluate((node) => getSelection().selectAllChildren(node));
    await page.locator('afterword-thread [part="button quote"]').waitFor();
  }));

test('a collapsed conversation', () =>
  check({}, pages.full, async (page) => {
    const fold = comment(page, pages.first).locator('[part="action fold"]').first();
    await fold.click();
    assert.equal(await fold.innerText(), '+3');
    assert.match(await focus(page), /fold/, 'the focus stays');
  }));

test('new comments, marked and announced', async () => {
  const article = host.article('news');
  await server.post(article, { text: 'Here before.' });
  await visit(look, async (page) => {
    await open(page, article);
    await page.waitForTimeout(400);
    await page.goto('about:blank');
    await server.post(article, { text: 'Since then.' });
    await open(page, article);
    await page.locator('afterword-thread [part="unread"]').waitFor();
    await server.post(article, { text: 'Just now.' });
    await page.locator('afterword-thread [part="button new"]').waitFor();
    assert.deepEqual(await violations(page), []);
  });
});

test('a thread that cannot be loaded', async () => {
  await visit({ ...look, expected: [/ERR_FAILED/] }, async (page) => {
    await page.route('**/thread?*', (route) => route.abort());
    await page.goto(pages.full);
    await page.evaluate(() => document.querySelector('afterword-thread').scrollIntoView());
    await page.getByRole('button', { name: names.retry }).waitFor();
    assert.deepEqual(await violations(page), []);
  });
});

test('a thread without a shadow root', async () => {
  await visit(look, async (page) => {
    await page.addInitScript(() =>
      addEventListener('DOMContentLoaded', () =>
        document.querySelector('script[data-site]').setAttribute('data-render', 'light'),
      ),
    );
    await open(page, pages.full);
    await page.locator('afterword-thread textarea').first().waitFor();
    assert.equal(await page.evaluate(() => document.querySelector('afterword-thread').shadowRoot), null);
    assert.deepEqual(await violations(page), []);
    assert.deepEqual(await unlabelled(page), []);
  });
});

for (const theme of ['dark', 'light']) {
  test(`theme="${theme}" on a page of the other kind`, async () => {
    host.look = theme === 'dark' ? '' : 'dark';
    try {
      await check({}, pages.full, async (page) => {
        await page.evaluate((theme) => document.querySelector('afterword-thread').setAttribute('theme', theme), theme);
        await page.waitForFunction(
          (theme) =>
            getComputedStyle(document.querySelector('afterword-thread').shadowRoot.querySelector('section'))
              .colorScheme === theme,
          theme,
        );
        // An element that fades in is translucent for a moment.
        await page.waitForTimeout(300);
      });
    } finally {
      host.look = '';
    }
  });
}

test('a refused comment', () =>
  check({ expected: [/status of 422/] }, pages.full, async (page) => {
    const form = page.locator('afterword-thread form').first();
    await write(form, { name: '', text: ' ' }, names);
    await page.locator('afterword-thread [aria-invalid="true"]').first().waitFor();
  }));

test('a preview', () =>
  check({}, pages.full, async (page) => {
    const form = page.locator('afterword-thread form').first();
    await form.getByRole('textbox', { name: names.text }).click();
    await form.getByRole('textbox', { name: names.text }).fill('Some **bold** words');
    await form.getByRole('button', { name: names.preview }).click();
    await page.locator('afterword-thread strong', { hasText: 'bold' }).last().waitFor();
  }));

test('the thread page', () => check({}, `${server.base}/thread/${server.site}?page=${encodeURIComponent(pages.full)}`));
for (const lang of ['de', 'ar', 'ja']) {
  test(`the thread page in ${lang}`, () => {
    const page = `${server.base}/thread/${server.site}?page=${encodeURIComponent(pages.full)}&lang=${lang}`;
    return check({ viewport: { width: 375, height: 812 } }, `${page}&reply=${pages.first}`);
  });
}
test('the thread page on a dark system', () =>
  check({ colorScheme: 'dark' }, `${server.base}/thread/${server.site}?page=${encodeURIComponent(pages.full)}`));
test('the sign-in page', () => check({}, `${server.base}/admin`));

test('the admin pages', async () => {
  for (const colorScheme of ['light', 'dark']) {
    await visit({ ...look, colorScheme }, async (page) => {
      await page.goto(`${server.base}/admin`);
      await page.locator('input[name="name"]').fill(OWNER.name);
      await page.locator('input[name="password"]').fill(OWNER.password);
      await page.getByRole('button', { name: admin.signIn }).click();
      await page.locator('input[name="password"]').waitFor({ state: 'detached' });
      const links = await page.locator('nav a[href*="/admin"]').evaluateAll((found) => found.map((link) => link.href));
      for (const link of [page.url(), ...new Set(links)]) {
        await page.goto(link);
        assert.deepEqual(await violations(page), [], link);
        assert.deepEqual(await unlabelled(page), [], link);
      }
    });
  }
});

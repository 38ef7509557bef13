// Accessibility by axe, in every state that a reader or a moderator meets.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Host, OWNER, Server, closeBrowser, comment, open, visit, write } from './harness.mjs';
import { admin, widget as names } from './names.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

let host;
let server;
const pages = {};

before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
  pages.full = host.article('full');
  const first = await server.post(pages.full, { text: 'A **first** comment with `code` and a [link](https://example.org/).' });
  const second = await server.post(pages.full, { text: '> quoted\n\nA reply.', parent: first.comment.id, website: 'https://ann.example/' });
  await server.post(pages.full, { text: 'العسل دواء', name: 'ليلى', parent: second.comment.id });
  for (let n = 0; n < 20; n++) await server.post(pages.full, { text: `Another thought, number ${n}.`, name: `Reader ${n}` });
  pages.first = first.comment.id;
});

after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

/** Violations, as lines; axe looks into open shadow roots. */
async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), RULES);
  return result.violations.flatMap((one) => one.nodes.map((node) => `${one.id} (${one.impact}): ${JSON.stringify(node.target)} ${node.html.slice(0, 120)}`));
}

/** Fields whose only name is a placeholder or an attribute: axe lets them pass, people do not. */
const unlabelled = (page) =>
  page.evaluate(() => {
    const roots = [document, ...[...document.querySelectorAll('*')].map((element) => element.shadowRoot).filter(Boolean)];
    return roots
      .flatMap((root) => [...root.querySelectorAll('textarea, select, input:not([type="hidden"], [type="submit"], [type="button"])')])
      .filter((field) => field.checkVisibility?.() ?? true)
      .filter((field) => ![...(field.labels ?? [])].some((label) => label.innerText.trim()))
      .map((field) => field.outerHTML.slice(0, 120));
  });

const look = { bypassCSP: true };

async function check(options, url, prepare = async () => {}) {
  await visit({ ...look, ...options }, async (page) => {
    if (url.startsWith(host.origin)) {
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
    // The widget speaks the page's language here, so the field is found by its kind.
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

test('an open reply', () =>
  check({}, pages.full, async (page) => {
    await comment(page, pages.first).getByRole('button', { name: names.reply }).click();
    await page.locator('form:focus-within').waitFor();
  }));

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

// The thread page on the comment origin, for browsers without scripts.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Host, Server, closeBrowser, comment, flat, visit } from './harness.mjs';
import { widget as names } from './names.mjs';

let host;
let server;

before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
});

after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

const threadPage = (slug) => `${server.base}/thread/${server.site}?page=${encodeURIComponent(host.article(slug))}`;
const stored = async (slug) => flat((await server.thread(host.article(slug))).comments);

/** The control with this name, a link or a button. */
const control = (scope, name) => scope.getByRole('button', { name }).or(scope.getByRole('link', { name })).first();

async function send(page, { name, text }) {
  const area = page.getByRole('textbox', { name: names.text }).first();
  if (text !== undefined) await area.fill(text);
  const form = page
    .locator('form')
    .filter({ has: page.getByRole('textbox', { name: names.text }) })
    .first();
  const field = form.getByRole('textbox', { name: names.name });
  if (name && (await field.count())) await field.fill(name);
  await form
    .locator('button[type="submit"], button:not([type])')
    .filter({ hasText: /Post|Save/ })
    .first()
    .click();
}

test('write, reply, edit, vote, delete and link without scripts', async () => {
  await visit({ javaScriptEnabled: false }, async (page) => {
    await page.goto(threadPage('nojs'));
    await send(page, { name: 'Grace', text: 'Written without *scripts*.' });
    const [one] = await stored('nojs');
    assert.ok(one, 'the comment was stored');
    await comment(page, one.id).waitFor();
    assert.equal(await comment(page, one.id).locator('em').innerText(), 'scripts');

    await control(comment(page, one.id), names.reply).click();
    await send(page, { name: 'Grace', text: 'A reply, likewise.' });
    const two = (await stored('nojs'))[1];
    assert.equal(two?.parent, one.id);
    await comment(page, two.id).waitFor();

    await control(comment(page, two.id), names.reply).click();
    await send(page, { name: 'Grace', text: 'And one below that.' });
    const three = (await stored('nojs'))[2];
    assert.equal(three?.parent, two.id);

    await control(comment(page, two.id), names.edit).click();
    assert.equal(await page.getByRole('textbox', { name: names.text }).first().inputValue(), 'A reply, likewise.');
    await send(page, { text: 'A reply, mended.' });
    await comment(page, two.id).getByText('A reply, mended.').waitFor();

    await control(comment(page, one.id), names.up).click();
    assert.equal((await stored('nojs'))[0].up, 1);

    await control(comment(page, three.id), names.remove).click();
    assert.equal((await stored('nojs')).length, 3, 'the first press only asks');
    await page.getByRole('button', { name: names.confirmRemove }).click();
    assert.deepEqual(
      (await stored('nojs')).map((each) => each.id),
      [one.id, two.id],
    );

    const link = page.locator(`a[href*="comment-${one.id}"]`).first();
    await link.click();
    assert.match(page.url(), new RegExp(`#comment-${one.id}$`));
    assert.equal(await page.locator(`#comment-${one.id}:target`).count(), 1);
  });
});

test('a form error keeps the text and says what to do', async () => {
  await visit({ javaScriptEnabled: false, expected: [/status of 4\d\d/] }, async (page) => {
    await page.goto(threadPage('mistake'));
    await page.getByRole('textbox', { name: names.name }).first().fill('x'.repeat(80));
    await send(page, { text: 'Long name, short text.' });
    assert.deepEqual(await stored('mistake'), []);
    assert.equal(await page.getByRole('textbox', { name: names.text }).inputValue(), 'Long name, short text.');
    const name = page.getByRole('textbox', { name: names.name });
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    const described = (await name.getAttribute('aria-describedby')).split(' ');
    const words = await Promise.all(described.map((id) => page.locator(`[id="${id}"]`).innerText()));
    assert.match(words.join(' '), /60 characters/);
    await name.fill('Grace');
    await send(page, {});
    assert.equal((await stored('mistake')).length, 1);
  });
});

test('a held comment is visible to its author only', async () => {
  const strict = await Server.start({ origin: host.origin, settings: ['moderation=all'] });
  const url = `${strict.base}/thread/${strict.site}?page=${encodeURIComponent(host.article('held'))}`;
  try {
    await visit({ javaScriptEnabled: false }, async (page) => {
      await page.goto(url);
      await send(page, { name: 'Grace', text: 'Please look at this.' });
      const mine = page.locator('article').filter({ hasText: 'Please look at this.' });
      await mine.getByText(names.held).waitFor();
      await page.goto(url);
      await mine.getByText(names.held).waitFor();
    });
    await visit({ javaScriptEnabled: false }, async (page) => {
      await page.goto(url);
      await page.getByRole('textbox', { name: names.text }).waitFor();
      assert.equal(await page.getByText('Please look at this.').count(), 0);
    });
  } finally {
    await strict.stop();
  }
});

test('a rate-limited reader is told how long to wait, and keeps the text', async () => {
  const slow = await Server.start({ origin: host.origin, env: { AFTERWORD_LIMITS_POST: 'address=1/3s' } });
  try {
    await visit({ javaScriptEnabled: false, expected: [/status of 429/] }, async (page) => {
      await page.goto(`${slow.base}/thread/${slow.site}?page=${encodeURIComponent(host.article('fast'))}`);
      await send(page, { name: 'Grace', text: 'One.' });
      await send(page, { name: 'Grace', text: 'Two.' });
      await page
        .getByText(/again in \d s$/)
        .first()
        .waitFor();
      assert.equal(await page.getByRole('textbox', { name: names.text }).inputValue(), 'Two.');
      await page.waitForTimeout(3100);
      await send(page, {});
      const all = flat((await slow.thread(host.article('fast'))).comments);
      assert.deepEqual(
        all.map((one) => one.body),
        [[['p', {}, 'One.']], [['p', {}, 'Two.']]],
      );
    });
  } finally {
    await slow.stop();
  }
});

test('a form is filled and sent with the keyboard alone', async () => {
  await visit({ javaScriptEnabled: false }, async (page) => {
    await page.goto(threadPage('fingers'));
    const tabTo = async (locator) => {
      for (let press = 0; press < 40; press++) {
        await page.keyboard.press('Tab');
        if ((await locator.and(page.locator(':focus')).count()) === 1) return;
      }
      assert.fail(`no ${locator}`);
    };
    await tabTo(page.getByRole('textbox', { name: names.text }));
    await page.keyboard.type('Typed, not clicked.');
    await tabTo(page.getByRole('textbox', { name: names.name }));
    await page.keyboard.type('Grace');
    await page.keyboard.press('Enter');
    await page.locator('article').getByText('Typed, not clicked.').waitFor();
    assert.equal((await stored('fingers')).length, 1);
  });
});

test('the thread page shows every comment and names its article', async () => {
  const written = [];
  for (let n = 0; n < 12; n++) {
    written.push((await server.post(host.article('list'), { text: `Thought ${n}`, parent: written[0]?.id })).comment);
  }
  await visit({ javaScriptEnabled: false }, async (page) => {
    await page.goto(threadPage('list'));
    for (const one of written) assert.equal(await comment(page, one.id).count(), 1);
    assert.ok(await page.locator(`a[href="${host.article('list')}"]`).count(), 'a link back to the article');
    assert.equal(await page.locator('h1').count(), 1);
  });
});

for (const [tag, locale, direction] of [
  ['de', 'de-AT', 'ltr'],
  ['ar', 'ar-EG', 'rtl'],
]) {
  test(`read, answered, refused and deleted in ${tag}, without scripts`, async () => {
    const say = JSON.parse(await readFile(new URL(`../../embed/i18n/${tag}.json`, import.meta.url), 'utf8'));
    const slug = `words-${tag}`;
    await server.post(host.article(slug), { name: '<i>Ann</i>', text: 'From the article.' });
    // The browser's own language; the address has none.
    await visit(
      { javaScriptEnabled: false, locale, viewport: { width: 375, height: 812 }, expected: [/status of 422/] },
      async (page) => {
        await page.goto(threadPage(slug));
        const root = page.locator('html');
        assert.equal(await root.getAttribute('lang'), tag);
        assert.equal((await root.getAttribute('dir')) ?? 'ltr', direction);
        assert.equal(await page.locator('h1').evaluate((node) => getComputedStyle(node).direction), direction);
        const fits = () => page.locator('html').evaluate((node) => node.scrollWidth <= node.clientWidth);
        assert.ok(await fits(), 'nothing hangs over the edge of a phone');
        const field = (key) => page.getByRole('textbox', { name: say[key], exact: true });
        const press = (name) => page.getByRole('button', { name, exact: true }).click();
        const isolated = direction === 'rtl' ? '\u2068<i>Ann</i>\u2069' : '<i>Ann</i>';
        await page.getByRole('link', { name: say.reply_to.replace('{name}', isolated), exact: true }).click();
        await page.getByRole('heading', { name: say.reply_to.replace('{name}', '<i>Ann</i>') }).waitFor();
        await field('write.name').fill('Grace');
        await press(say['write.post']);
        await page.getByRole('alert').getByText(say['page.marked']).waitFor();
        assert.equal(await field('page.text').getAttribute('aria-invalid'), 'true');
        await page.getByText(say['write.e.text']).waitFor();
        await field('page.text').fill('Honig');
        await press(say['write.preview']);
        await page.getByRole('heading', { name: say['write.preview'] }).waitFor();
        await press(say['write.post']);
        await page.getByRole('status').getByText(say['write.posted']).waitFor();
        assert.ok(await fits());
        const [one, two] = await stored(slug);
        assert.deepEqual([two.parent, two.body], [one.id, [['p', {}, 'Honig']]]);
        await comment(page, two.id).getByRole('link', { name: say.delete }).click();
        await page.getByText(say['page.sure']).waitFor();
        await press(say.delete);
        await page.getByRole('status').getByText(say['write.delete_done']).waitFor();
        assert.equal((await stored(slug)).length, 1);
        // A language chosen in the address is kept by every link.
        await page.goto(`${threadPage(slug)}&lang=ja`);
        await comment(page, one.id).getByRole('link').first().click();
        assert.equal(await page.locator('html').getAttribute('lang'), 'ja');
      },
    );
  });
}

// The thread page on the comment origin, for readers whose browser runs no scripts.
import assert from 'node:assert/strict';
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

/** The control of this name, be it a link or a button. */
const control = (scope, name) => scope.getByRole('button', { name }).or(scope.getByRole('link', { name })).first();

async function send(page, { name, text }) {
  const area = page.getByRole('textbox', { name: names.text }).first();
  await area.fill(text);
  const form = page.locator('form').filter({ has: page.getByRole('textbox', { name: names.text }) }).first();
  const field = form.getByRole('textbox', { name: names.name });
  if (name && (await field.count())) await field.fill(name);
  await form.locator('button[type="submit"], button:not([type])').filter({ hasText: /Post|Save/ }).first().click();
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

    await control(comment(page, two.id), names.edit).click();
    assert.equal(await page.getByRole('textbox', { name: names.text }).first().inputValue(), 'A reply, likewise.');
    await send(page, { text: 'A reply, mended.' });
    await comment(page, two.id).getByText('A reply, mended.').waitFor();

    await control(comment(page, one.id), names.up).click();
    assert.equal((await stored('nojs'))[0].up, 1);

    await control(comment(page, two.id), names.remove).click();
    const sure = page.getByRole('button', { name: names.confirmRemove });
    if ((await stored('nojs')).length === 2 && (await sure.count())) await sure.first().click();
    assert.equal((await stored('nojs')).length, 1);

    const link = page.locator(`a[href*="comment-${one.id}"]`).first();
    await link.click();
    assert.match(page.url(), new RegExp(`#comment-${one.id}$`));
    assert.equal(await page.locator(`#comment-${one.id}:target`).count(), 1);
  });
});

test('a mistake keeps what was written and says what to do', async () => {
  await visit({ javaScriptEnabled: false, expected: [/status of 4\d\d/] }, async (page) => {
    await page.goto(threadPage('mistake'));
    const field = page.getByRole('textbox', { name: names.name }).first();
    // Past the browser's own check, as a browser without one would send it.
    await page.locator('form').evaluateAll((forms) => forms.forEach((form) => (form.noValidate = true))).catch(() => {});
    await field.fill('x'.repeat(80));
    await send(page, { text: 'Long name, short text.' });
    if ((await stored('mistake')).length === 0) {
      assert.equal(await page.getByRole('textbox', { name: names.text }).first().inputValue(), 'Long name, short text.');
      assert.match(await page.locator('body').innerText(), /name/i);
    } else {
      // The browser's own limit cut the name.
      assert.ok((await stored('mistake'))[0].author.name.length <= 60);
    }
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

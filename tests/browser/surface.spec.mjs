// The element's interface for owners: attributes, methods and messages do what README.md says.
// embed/test/surface.test.mjs checks the names.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, Server, closeBrowser, comment, focusedForm, open, visit, write } from './harness.mjs';
import { widget as names } from './names.mjs';

let host, server;
const ids = {};
before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
  for (const [name, parent, text] of [
    ['first', null, 'Smoke calms them.'],
    ['answer', 'first', 'Or makes them eat.'],
    ['second', null, 'Mine never settle.'],
  ]) {
    ids[name] = (await server.post(host.article(), { parent: ids[parent] ?? null, text })).comment.id;
  }
});
after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

/** The page with other attributes on the tag, or another body in its place. */
function tagged(attributes, before = '') {
  host.tag = before + server.tag.replace('<script', `<script ${attributes}`);
}

test('without a shadow root the page’s own rules reach the comments, and ours stay inside', async () => {
  tagged(
    'data-render="light"',
    '<p class="comment">Not ours.</p><afterword-thread><p id="fallback">Comments come from elsewhere.</p></afterword-thread>',
  );
  await visit({}, async (page) => {
    const outside = () =>
      page
        .locator('p.comment')
        .first()
        .evaluate((one) => getComputedStyle(one).display);
    await page.goto(host.article('light'));
    const untouched = await outside();
    const thread = await open(page, host.article());
    assert.equal(await page.evaluate(() => document.querySelector('afterword-thread').shadowRoot), null);
    assert.equal(await outside(), untouched);
    const article = comment(page, ids.first);
    assert.equal(await article.evaluate((one) => getComputedStyle(one).display), 'grid');
    await page.evaluate(() => {
      const own = new CSSStyleSheet();
      own.replaceSync('article .body { color: rgb(1, 2, 3) }');
      document.adoptedStyleSheets.push(own);
    });
    assert.equal(await article.locator('.body').evaluate((one) => getComputedStyle(one).color), 'rgb(1, 2, 3)');
    assert.equal(await page.locator('#fallback').isVisible(), false);

    await article.getByRole('button', { name: names.reply }).click();
    await write(await focusedForm(page), { name: 'Bo', text: 'In the light.' }, names);
    await thread.getByText('In the light.').waitFor();
    assert.match(await page.evaluate(() => document.activeElement.id), /^comment-\d+$/);
  });
});

test('the owner’s content is shown again when the thread cannot be loaded, with and without a shadow root', async () => {
  for (const render of ['light', 'shadow']) {
    tagged(
      `data-render="${render}"`,
      '<afterword-thread><p id="fallback">Comments come from elsewhere.</p></afterword-thread>',
    );
    await visit({ expected: [/503|Failed to load/] }, async (page) => {
      await page.route('**/thread?*', (route) => route.fulfill({ status: 503, body: '' }));
      await page.goto(host.article());
      await page.locator('afterword-thread').scrollIntoViewIfNeeded();
      await page.locator('afterword-thread[state=failed]').waitFor();
      assert.equal(await page.locator('#fallback').isVisible(), true, render);
      await page.unroute('**/thread?*');
      await page.getByRole('button', { name: names.retry }).click();
      await comment(page, ids.first).waitFor();
      assert.equal(await page.locator('#fallback').isVisible(), false, render);
    });
  }
});

test('an owner can replace a text by an attribute', async () => {
  tagged(
    'data-t-reply="Respond" data-t-plain.other="{count} letters" data-t-heading.other="{count} letters about {title}"',
  );
  await visit({}, async (page) => {
    const thread = await open(page, host.article());
    await comment(page, ids.first).getByText('Respond', { exact: true }).waitFor();
    assert.match(await thread.getByRole('heading', { level: 2 }).innerText(), /^\d letters about On keeping bees$/);
  });
});

test('loading="manual" waits for load(), and goto() shows a comment', async () => {
  tagged('data-loading="manual"');
  await visit({}, async (page) => {
    const asked = [];
    page.on(
      'request',
      (request) => request.url().startsWith(server.base) && asked.push(new URL(request.url()).pathname),
    );
    await page.goto(host.article());
    await page.locator('afterword-thread').scrollIntoViewIfNeeded();
    await page.waitForTimeout(300);
    assert.deepEqual(asked, ['/embed.js']);
    await page.evaluate(() => document.querySelector('afterword-thread').load());
    await comment(page, ids.second).waitFor();
    await page.evaluate((id) => document.querySelector('afterword-thread').goto(id), ids.answer);
    const focused = () => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.id);
    for (let attempt = 0; attempt < 40 && (await focused()) !== `comment-${ids.answer}`; attempt++)
      await page.waitForTimeout(50);
    assert.equal(await focused(), `comment-${ids.answer}`);
  });
});

test('a page that changes its address without a reload gets the thread of that address', async () => {
  tagged('');
  await server.post(host.article('wasps'), { text: 'Wasps are not bees.' });
  await visit({}, async (page) => {
    const thread = await open(page, host.article());
    await comment(page, ids.first).waitFor();
    await page.evaluate(() => history.pushState(null, '', '/wasps/'));
    await thread.getByText('Wasps are not bees.').waitFor();
    await page.goBack();
    await comment(page, ids.first).waitFor();
    assert.equal(await thread.getByText('Wasps are not bees.').count(), 0);
  });
});

test('with data saving only what is visible is loaded', async () => {
  tagged('');
  const asks = async (saveData) => {
    let asked = 0;
    await visit({ viewport: { width: 900, height: 320 } }, async (page) => {
      await page.addInitScript(
        (saveData) => Object.defineProperty(navigator, 'connection', { value: { saveData } }),
        saveData,
      );
      page.on('request', (request) => request.url().includes('/thread?') && asked++);
      await page.goto(host.article(), { waitUntil: 'load' });
      await page.waitForTimeout(400);
    });
    return asked;
  };
  assert.equal(await asks(false), 1);
  assert.equal(await asks(true), 0);
});

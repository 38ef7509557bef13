// Comments that a build wrote into the page: readable without JavaScript, replaced by the widget without a layout
// shift, and found by links to one comment either way.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closeBrowser, comment, Host, request, Server, visit } from './harness.mjs';

const COMMENTS = 30;
let host, server, html, essay;
const ids = [];
const thread = (inside) => `<afterword-thread>${inside}</afterword-thread>
<script async src="${server.base}/embed.js" data-site="blog"></script>
<footer><p id="foot">The end of the page.</p></footer>`;

before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
  essay = host.style;
  for (let n = 0; n < COMMENTS; n++) {
    const parent = n % 4 === 3 ? ids[n - 1] : null;
    const text = `Comment number ${n}. ${'Bees are patient, and so must be who keeps them. '.repeat(1 + (n % 5))}`;
    ids.push((await server.post(host.article(), { name: `Author ${n}`, text, parent })).comment.id);
  }
  await server.post(host.article('hostile'), {
    text: 'Say <script>document.title="owned"</script> & <img src=x onerror="document.title=1">.',
  });
  html = (await request(server.api(`/fragment?page=${encodeURIComponent(host.article())}`))).text;
  assert.match(html, /Comment number 29/, 'the fragment holds the thread');
});

after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

/** The number of times that each comment is visible, in the document and every shadow tree. */
const readings = (page) =>
  page.evaluate((count) => {
    const shown = [];
    const walk = (root) => {
      for (const element of root.querySelectorAll('p'))
        if (element.checkVisibility() && element.getClientRects().length) shown.push(element.textContent);
      for (const element of root.querySelectorAll('*')) if (element.shadowRoot) walk(element.shadowRoot);
    };
    walk(document);
    return Array.from(
      { length: count },
      (_, n) => shown.filter((text) => text.startsWith(`Comment number ${n}.`)).length,
    );
  }, COMMENTS);
const once = Array(COMMENTS).fill(1);

const inView = (locator) =>
  locator.evaluate((element) => {
    const { top } = element.getBoundingClientRect();
    return top >= -1 && top < innerHeight;
  });

/** Waits for the widget's own drawing. */
const ready = (page) => page.locator('afterword-thread[state=ready]').waitFor({ state: 'attached' });

test('comments are readable without JavaScript, and found by their links', async () => {
  host.tag = thread(html);
  await visit({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${host.article()}#comment-${ids[20]}`);
    const linked = comment(page, ids[20]);
    assert.match(await linked.innerText(), /Author 20[\s\S]*Comment number 20\./);
    await linked.locator('p').first().waitFor();
    assert.ok(await page.locator(`#comment-${ids[20]}:target`).count(), 'the browser went there by itself');
    await page.getByRole('link', { name: 'Read and write comments' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.ok(page.url().startsWith(`${server.base}/thread/blog?page=`), page.url());
  });
});

test('prerendered text stays text', async () => {
  const { text } = await request(server.api(`/fragment?page=${encodeURIComponent(host.article('hostile'))}`));
  host.tag = thread(text);
  await visit({ javaScriptEnabled: true }, async (page) => {
    await page.route('**/core.js', (route) => route.abort());
    await page.goto(host.article('hostile'));
    await page.getByText('<script>document.title="owned"</script>').waitFor();
    assert.equal(await page.title(), 'On keeping bees');
    assert.equal(await page.locator('afterword-thread :is(script, img)').count(), 0);
    // The control: as mark-up the same text would have created an element.
    assert.equal(await page.evaluate(() => document.querySelectorAll('afterword-thread article').length), 1);
  }).catch((error) => {
    // The blocked script is the only error that the browser may report.
    assert.match(error.message, /core\.js/);
  });
});

for (const render of ['shadow', 'light']) {
  test(`the widget takes their place, and nothing is read twice (${render})`, async () => {
    host.tag = thread(html).replace('<afterword-thread', `<afterword-thread render="${render}"`);
    await visit({}, async (page) => {
      let release;
      const held = new Promise((go) => (release = go));
      await page.route('**/api/v1/sites/blog/thread?**', async (route) => (await held, route.continue()));
      await page.goto(host.article());
      await page.evaluate(() => document.querySelector('afterword-thread').scrollIntoView());
      await page.waitForTimeout(300);
      assert.deepEqual(await readings(page), once, 'while the answer is on its way');
      release();
      await ready(page);
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('* { content-visibility: visible !important }');
        const tree = document.querySelector('afterword-thread').shadowRoot || document;
        tree.adoptedStyleSheets.push(sheet);
      });
      assert.deepEqual(await readings(page), once, 'and afterwards');
      const drawn = page.locator(`afterword-thread section #comment-${ids[3]}`);
      await drawn.getByRole('button', { name: /reply/i }).waitFor();
    });
  });
}

test('a link to one comment leads there when the widget has taken their place', async () => {
  host.tag = thread(html);
  await visit({}, async (page) => {
    await page.goto(`${host.article()}#comment-${ids[20]}`);
    await ready(page);
    const drawn = (n) => page.locator(`afterword-thread section #comment-${ids[n]}`);
    await page.waitForFunction(
      (id) => document.querySelector('afterword-thread').shadowRoot.activeElement?.id === id,
      `comment-${ids[20]}`,
    );
    assert.ok(await inView(drawn(20)), 'the linked comment is in view');
    await page.evaluate((id) => (location.hash = `comment-${id}`), ids[2]);
    await page.waitForFunction(
      (id) => document.querySelector('afterword-thread').shadowRoot.activeElement?.id === id,
      `comment-${ids[2]}`,
    );
    await page.waitForTimeout(100);
    assert.ok(await inView(drawn(2)), 'and so is the next one');
  });
});

/** Layout shifts, and the position of a comment before and after the widget replaces the prerendered ones. */
async function upgrade(inside, { read, refuse, style }) {
  host.tag = thread(inside);
  host.style = essay + style;
  return visit({ expected: refuse ? [/ERR_FAILED|fallback/] : [] }, async (page) => {
    await page.addInitScript(() => {
      self.shifted = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) self.shifted += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    let release;
    const held = new Promise((go) => (release = go));
    await page.route('**/api/v1/sites/blog/thread?**', async (route) => (await held, route.continue()));
    if (refuse) await page.route('**/prerendered.js', (route) => route.abort());
    await page.goto(host.article());
    await page.waitForTimeout(100);
    if (read) await page.evaluate(read, ids);
    // Long enough that the scrolling is no longer recent input, and only the response is missing.
    await page.waitForTimeout(700);
    const top = (selector) =>
      page.evaluate((wanted) => {
        const host = document.querySelector('afterword-thread');
        return (
          host.shadowRoot?.querySelector(`section ${wanted}`) ?? document.querySelector(wanted)
        )?.getBoundingClientRect().top;
      }, selector);
    const selector = `#comment-${ids[15]}`;
    const before = await top(selector);
    if (read) await page.evaluate(() => (self.shifted = 0));
    release();
    await ready(page);
    await page.waitForTimeout(300);
    return {
      before,
      after: await top(selector),
      shifted: await page.evaluate(() => self.shifted),
      foot: await top('#foot'),
    };
  });
}

const reserved =
  'afterword-thread { display: block; margin-block: 3rem; min-height: 100vh } afterword-thread[state] { min-height: 15rem }';
const toMiddle = (ids) => document.querySelector(`#comment-${ids[15]}`).scrollIntoView();
const toEnd = () => scrollTo(0, document.documentElement.scrollHeight);

test('nothing moves for a reader above the thread', async () => {
  const { shifted } = await upgrade(html, { style: reserved });
  const without = await upgrade('', { style: reserved });
  assert.ok(shifted <= without.shifted, `${shifted} with, ${without.shifted} without`);
  assert.equal(shifted, 0);
});

test('a comment that is being read stays at its position', async () => {
  const { before, after, shifted } = await upgrade(html, { style: reserved, read: toMiddle });
  assert.ok(Math.abs(before) < 5, `control: it was read at the top of the window, ${before}`);
  assert.ok(Math.abs(after - before) < 3, `it stood at ${before} and stands at ${after}`);
  assert.ok(shifted < 0.05, `shifted by ${shifted}`);
  const unheld = await upgrade(html, { style: reserved, read: toMiddle, refuse: true });
  assert.ok(
    Math.abs(unheld.after - unheld.before) > 20,
    `control: without prerendered.js it moves from ${unheld.before} to ${unheld.after}`,
  );
});

test('the page does not jump for a reader at its end', async () => {
  const { shifted } = await upgrade(html, { style: reserved, read: toEnd });
  // Content below the thread moves down once, by the height of the form and the buttons; without the kept height it
  // would first move up by the height of all comments.
  assert.ok(shifted < 0.05, `shifted by ${shifted}`);
});

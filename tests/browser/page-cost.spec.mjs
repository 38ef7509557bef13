// The cost of the widget for its page, as counts that are the same on every machine: requests, round trips, layout
// shifts, comments drawn in one slice. tests/bench/widget measures times; no test asserts them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, Server, closeBrowser, open, unfold, visit } from './harness.mjs';
import { depth, shifts, waterfall } from './waterfall.mjs';

let host, server;
const footer = '<p id="end">The end of the page.</p>';
before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  for (let n = 0; n < 60; n++) await server.post(host.article(), { text: `Frame ${n} is heavy.` });
  for (let n = 0; n < 2; n++) await server.post(host.article('wasps'), { text: `Nest ${n} is light.` });
});
after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

function show(before = '', after = '') {
  host.show(server);
  host.tag = before + host.tag + after;
}
const firstComment = (page) => page.locator('article.comment').first();
const shown = (page) => firstComment(page).isVisible();

test('a thread costs three requests in two rounds, and few more once it is read', () =>
  visit({}, async (page) => {
    show();
    const requests = await waterfall(page, server.base, host.article(), shown);
    const before = requests
      .filter((one) => !one.after)
      .map(({ path, round }) => `${round} ${path.replace(/.*\//, '')}`);
    assert.deepEqual(before.sort(), ['1 embed.js', '2 core.js', '2 thread']);
    assert.equal(depth(requests), 2);
    // The event stream never ends, so its length is unknown.
    assert.ok(
      requests.every((one) => one.bytes > 0 || one.type === 'eventsource'),
      JSON.stringify(requests),
    );
    assert.ok(requests.length <= 5, JSON.stringify(requests));
  }));

test('control: dependent requests are counted with their depth', () =>
  visit({}, async (page) => {
    host.tag = '';
    await page.addInitScript((base) => {
      const ask = (path) => fetch(base + path, { mode: 'no-cors' });
      addEventListener('load', async () => {
        await ask('/embed.js?1');
        await Promise.all([ask('/embed.js?2'), ask('/embed.js?3')]);
        await ask('/embed.js?4');
        document.body.append(
          Object.assign(document.createElement('article'), { className: 'comment', textContent: 'x' }),
        );
        ask('/embed.js?5');
      });
    }, server.base);
    const requests = await waterfall(page, server.base, host.article(), shown);
    assert.deepEqual(
      requests.map((one) => one.round),
      [1, 2, 2, 3, 4],
    );
    assert.equal(depth(requests), 3);
  }));

/** The layout shift without the reader's action, from the first paint to the end of the page. */
async function moved(slug, { jump = false } = {}) {
  let sum;
  await visit({}, async (page) => {
    await page.addInitScript(shifts);
    if (jump) await open(page, host.article(slug));
    else await page.goto(host.article(slug), { waitUntil: 'load' });
    await page.mouse.move(600, 500);
    for (let screen = 0; screen < 20; screen++) {
      await page.mouse.wheel(0, 400);
      await page.waitForTimeout(60);
    }
    await firstComment(page).waitFor();
    await page.waitForTimeout(300);
    sum = await page.evaluate(() => window.moved);
  });
  return sum;
}

test('nothing moves on a page whose thread is out of view', async () => {
  const long = Array(12)
    .fill('<p>The bees were in the pear tree, and we were at the window, all of us, waiting.</p>'.repeat(3))
    .join('');
  show(long, footer);
  assert.equal(await moved('bees'), 0);
  assert.equal(await moved('wasps'), 0);
  assert.equal(await moved('bees', { jump: true }), 0, 'also where the reader is there before the comments');
});

test('nothing moves on a page whose thread is in view and last', async () => {
  show();
  assert.equal(await moved('bees'), 0);
});

test('control: content inserted above the end of a page counts as a shift', async () => {
  show('', footer);
  await visit({}, async (page) => {
    await page.addInitScript(shifts);
    await page.goto(host.article());
    await firstComment(page).waitFor();
    await page.evaluate(() => new Promise((go) => requestAnimationFrame(() => setTimeout(go, 50))));
    await page.evaluate(() =>
      document.querySelector('h1').before(Object.assign(document.createElement('p'), { textContent: 'First!' })),
    );
    await page.waitForTimeout(200);
    assert.ok((await page.evaluate(() => window.moved)) > 0);
  });
});

test('a conversation out of view has about its final height', async () => {
  show();
  for (const width of [1280, 375]) {
    await visit({ viewport: { width, height: 700 } }, async (page) => {
      await open(page, host.article());
      await page.locator('afterword-thread[state=ready]').waitFor();
      const heights = () =>
        page.evaluate(() =>
          [...document.querySelector('afterword-thread').shadowRoot.querySelectorAll('.list > li')]
            .slice(-30)
            .map((one) => one.offsetHeight),
        );
      const taken = await heights();
      await unfold(page);
      const real = await heights();
      assert.equal(real.length, 30);
      assert.notDeepEqual(taken, real, 'control: they were out of sight');
      // With too low an estimate, one conversation overlaps the next when positions are queried, as auditors do.
      assert.ok(
        real.every((height, n) => taken[n] >= height && taken[n] < 3 * height),
        `${width} px: ${taken} ${real}`,
      );
    });
  }
});

/** The most comments that were inserted without yielding to the browser. */
async function stretch(step) {
  let longest;
  await visit({}, async (page) => {
    show();
    await page.addInitScript((step) => {
      // A clock that counts its reads instead of time, so that slow and fast machines draw alike.
      let now = 0;
      performance.now = () => (now += step);
      window.longest = 0;
      const attach = Element.prototype.attachShadow;
      Element.prototype.attachShadow = function (options) {
        const root = attach.call(this, options);
        const isComment = (node) => node.localName === 'li';
        new MutationObserver((records) => {
          const drawn = records.flatMap((record) => [...record.addedNodes]).filter(isComment).length;
          window.longest = Math.max(window.longest, drawn);
        }).observe(root, { childList: true, subtree: true });
        return root;
      };
    }, step);
    const thread = await open(page, host.article());
    await page.locator('afterword-thread[state=ready]').waitFor();
    assert.equal(await thread.locator('article.comment').count(), 60);
    longest = await page.evaluate(() => window.longest);
  });
  return longest;
}

test('a slow machine draws a few comments per slice', async () => {
  assert.ok((await stretch(3)) <= 4);
  assert.equal(await stretch(0), 60, 'control: where time stands still, all are drawn at once');
});

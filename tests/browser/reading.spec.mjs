// Reading features: collapsing, unread marks, live comments, previews of parents, quoting, light and dark.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, Server, closeBrowser, comment, open, visit } from './harness.mjs';
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

const say = async (slug, text, parent) => (await server.post(host.article(slug), { text, parent })).comment.id;
const fold = (page, id) => comment(page, id).getByRole('button', { name: /and the replies to it$/ });
const inside = (page, selector) => page.locator(`afterword-thread ${selector}`);
/** Waits: permalink.js is loaded on the first use. */
const focuses = (page, id) =>
  page.waitForFunction((id) => document.activeElement.shadowRoot?.activeElement?.id === id, id);
const focused = (page) => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.id);

/** The sum of unexpected layout shifts. */
const watchShifts = (page) =>
  page.addInitScript(() => {
    window.moved = 0;
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) if (!one.hadRecentInput) window.moved += one.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });

test('a conversation collapses, stays collapsed, and expands for a link into it', async () => {
  const one = await say('fold', 'The first.');
  const two = await say('fold', 'Below it.', one);
  const three = await say('fold', 'And below that.', two);
  await visit({}, async (page) => {
    await open(page, host.article('fold'));
    await fold(page, one).click();
    assert.equal(await fold(page, one).getAttribute('aria-expanded'), 'false');
    assert.equal(await fold(page, one).innerText(), '+3');
    await comment(page, two).waitFor({ state: 'hidden' });
    assert.equal(await fold(page, three).count(), 0, 'nothing stands below the last one');
    await page.reload();
    await open(page, host.article('fold'));
    await comment(page, two).waitFor({ state: 'hidden' });
    await page.evaluate((id) => (location.hash = `comment-${id}`), three);
    await comment(page, three).waitFor();
    assert.equal(await focused(page), `comment-${three}`);
    assert.equal(await fold(page, one).getAttribute('aria-expanded'), 'true');
  });
});

test('the first reply to a comment adds the collapse button', async () => {
  const one = await say('grow', 'Alone so far.');
  await visit({}, async (page) => {
    await open(page, host.article('grow'));
    await page.waitForTimeout(500);
    assert.equal(await fold(page, one).count(), 0);
    await comment(page, one).getByRole('button', { name: names.reply }).click();
    const form = page.locator('form:focus-within');
    await form.getByRole('button', { name: names.post }).waitFor();
    await form.getByRole('textbox', { name: names.text }).fill('Not any more.');
    await form.getByRole('textbox', { name: names.name }).fill('Ada');
    await form.getByRole('button', { name: names.post }).click();
    await fold(page, one).waitFor();
  });
});

test('comments since the last visit are marked, and a button leads from one to the next', async () => {
  const old = await say('unread', 'Seen before.');
  await visit({}, async (page) => {
    await watchShifts(page);
    await open(page, host.article('unread'));
    await page.waitForTimeout(300);
    assert.equal(await inside(page, '[part="unread"]').count(), 0, 'nothing is new on a first visit');
    await page.goto('about:blank');
    const first = await say('unread', 'New, the first.', old);
    const second = await say('unread', 'New, the second.');
    await open(page, host.article('unread'));
    await inside(page, '[part="unread"]').nth(1).waitFor();
    assert.equal(await comment(page, old).locator('> .head [part="unread"]').count(), 0);
    assert.equal(await page.evaluate(() => window.moved), 0, 'the marks move nothing');
    const next = inside(page, '[part="button next"]');
    assert.equal(await next.innerText(), 'Next new comment (2)');
    await next.click();
    await focuses(page, `comment-${first}`);
    await next.click();
    await focuses(page, `comment-${second}`);
    await next.waitFor({ state: 'hidden' });
    await page.goto('about:blank');
    await open(page, host.article('unread'));
    await page.waitForTimeout(300);
    assert.equal(await inside(page, '[part="unread"]').count(), 0, 'and they are new no longer');
  });
});

test('a new comment is announced and inserted on request, and what is read does not move', async () => {
  const one = await say('live', 'Here already.');
  await visit({}, async (page) => {
    const asked = page.waitForRequest(/\/live\?/);
    await watchShifts(page);
    await open(page, host.article('live'));
    await asked;
    await page.waitForTimeout(300);
    const top = () => comment(page, one).evaluate((article) => article.getBoundingClientRect().top);
    const before = await top();
    const reply = await say('live', 'Just now, below it.', one);
    const button = inside(page, '[part="button new"]');
    await button.waitFor();
    assert.equal(await button.innerText(), 'One new comment');
    await inside(page, '[role="status"]').filter({ hasText: 'One new comment' }).waitFor({ state: 'attached' });
    assert.equal(await comment(page, reply).count(), 0, 'it waits to be asked for');
    assert.equal(await top(), before);
    assert.equal(await page.evaluate(() => window.moved), 0);
    await say('live', 'And another.');
    await button.getByText('2 new comments').waitFor();
    await button.click();
    await comment(page, reply).waitFor();
    await focuses(page, `comment-${reply}`);
    assert.equal(await inside(page, '[part="heading"]').innerText(), '3 thoughts on “On keeping bees”');
    await button.waitFor({ state: 'hidden' });
    assert.equal(await inside(page, '[part="unread"]').count(), 2);
  });
});

test('the reader’s own comment is not announced as new', async () => {
  await visit({}, async (page) => {
    const asked = page.waitForResponse(/\/live\?/);
    await open(page, host.article('own'));
    await asked;
    const form = inside(page, 'form').first();
    await form.getByRole('textbox', { name: names.text }).click();
    await form.getByRole('button', { name: names.post }).waitFor();
    await form.getByRole('textbox', { name: names.text }).fill('Mine.');
    await form.getByRole('textbox', { name: names.name }).fill('Ada');
    await form.getByRole('button', { name: names.post }).click();
    await inside(page, 'article').filter({ hasText: 'Mine.' }).waitFor();
    await page.waitForTimeout(1500);
    assert.equal(await inside(page, '[part="button new"]').isVisible(), false);
  });
});

test('no connection is kept with data saving', async () => {
  await visit({}, async (page) => {
    await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
    let asked = 0;
    page.on('request', (request) => (asked += /\/live\?/.test(request.url())));
    await open(page, host.article('live'));
    await page.waitForTimeout(800);
    assert.equal(asked, 0);
  });
});

test('the exact time is shown on focus and on hover', async () => {
  const one = await say('time', 'When was that?');
  await visit({}, async (page) => {
    await open(page, host.article('time'));
    const time = comment(page, one).locator('.head > .time');
    await page.waitForFunction(
      (id) => document.querySelector('afterword-thread').shadowRoot.querySelector(`#comment-${id} .time[data-peek]`),
      one,
    );
    const peek = inside(page, '[part="peek"]');
    await time.hover();
    await peek.getByText(String(new Date().getFullYear())).waitFor();
    assert.equal(await time.getAttribute('aria-describedby'), 'peek');
    await page.keyboard.press('Escape');
    await peek.waitFor({ state: 'hidden' });
    await page.mouse.move(0, 0);
    await comment(page, one).focus();
    await page.keyboard.press('Tab');
    await peek.waitFor();
    assert.ok(await time.evaluate((one) => one.getRootNode().activeElement === one));
  });
});

test('a deep reply shows its parent', async () => {
  let id;
  const ids = [];
  for (let n = 0; n < 9; n++) ids.push((id = await say('deep', `Number ${n} of them.`, id)));
  await visit({}, async (page) => {
    await open(page, host.article('deep'));
    const link = comment(page, ids[8]).locator('.to a');
    await link.hover();
    await inside(page, '[part="peek"]').getByText('Number 7 of them.').waitFor();
    await link.click();
    await page.waitForFunction(
      (id) => document.activeElement.shadowRoot?.activeElement?.id === `comment-${id}`,
      ids[7],
    );
  });
});

test('text of a comment is quoted below it, text of the article in the main form with a link back', async () => {
  const one = await say('quote', 'Bees are patient, and so are their keepers.');
  await visit({}, async (page) => {
    await open(page, host.article('quote'));
    await page.waitForTimeout(300);
    const select = (from, to) =>
      comment(page, one)
        .locator('[part="body"] p')
        .evaluate(
          (node, [from, to]) => getSelection().setBaseAndExtent(node.firstChild, from, node.firstChild, to),
          [from, to],
        );
    await select(0, 16);
    const button = inside(page, '[part="button quote"]');
    await button.waitFor();
    await button.click();
    const form = page.locator('form:focus-within');
    const area = form.getByRole('textbox', { name: names.text });
    await area.waitFor();
    assert.equal(await area.inputValue(), '> Bees are patient\n\n');
    assert.ok(await comment(page, one).locator('form').count(), 'the form stands below the comment');

    await page.evaluate(() => {
      const node = document.querySelector('article p').firstChild;
      getSelection().setBaseAndExtent(node, 0, node, 'The first swarm came by itself.'.length);
      scrollTo(0, 0);
    });
    await page.waitForTimeout(100);
    await page.evaluate(() => document.dispatchEvent(new Event('selectionchange')));
    await button.waitFor();
    await button.click();
    const main = inside(page, 'form').first().getByRole('textbox', { name: names.text });
    await page.waitForFunction(() =>
      /swarm/.test(document.querySelector('afterword-thread').shadowRoot.querySelector('textarea').value),
    );
    assert.equal(
      await main.inputValue(),
      `> The first swarm came by itself.\n>\n> — [On keeping bees](${host.article('quote')}#:~:text=The%20first%20swarm%20came%20by%20itself.)\n\n`,
    );
  });
});

test('the thread follows a page that turns dark, by every mark', async () => {
  await say('dark', 'Light or dark?');
  const toggles = [
    ['Docusaurus, PaperMod', (on) => document.documentElement.setAttribute('data-theme', on ? 'dark' : 'light')],
    ['VitePress, Tailwind', (on) => document.documentElement.classList.toggle('dark', on)],
    ['older PaperMod', (on) => document.body.classList.toggle('dark', on)],
    ['Stack', (on) => document.documentElement.setAttribute('data-scheme', on ? 'dark' : 'light')],
    ['Chirpy', (on) => document.documentElement.setAttribute('data-mode', on ? 'dark' : 'light')],
    ['Material for MkDocs', (on) => document.body.setAttribute('data-md-color-scheme', on ? 'slate' : 'default')],
  ];
  await visit({}, async (page) => {
    await open(page, host.article('dark'));
    const scheme = () => inside(page, 'section').evaluate((one) => getComputedStyle(one).colorScheme);
    const becomes = (wanted) =>
      page.waitForFunction(
        (wanted) =>
          getComputedStyle(document.querySelector('afterword-thread').shadowRoot.querySelector('section'))
            .colorScheme === wanted,
        wanted,
      );
    await becomes('light');
    for (const [name, toggle] of toggles) {
      await page.evaluate(toggle, true);
      await becomes('dark').catch(() => assert.fail(`${name} is not noticed`));
      await page.evaluate(toggle, false);
      await becomes('light').catch(() => assert.fail(`${name} is not noticed to turn light`));
      for (const element of ['documentElement', 'body'])
        await page.evaluate(
          (element) =>
            [...document[element].attributes].forEach(
              ({ name }) => /^data-|class/.test(name) && document[element].removeAttribute(name),
            ),
          element,
        );
    }
    // A page without a theme mark is judged by its text colour.
    await page.evaluate(() => (document.body.className = 'darkroom'));
    assert.equal(await scheme(), 'light', 'control: another word is not dark');
    await page.evaluate(() => document.querySelector('afterword-thread').setAttribute('theme', 'dark'));
    await becomes('dark');
    const colours = await inside(page, 'section').evaluate((one) =>
      [getComputedStyle(one).backgroundColor, getComputedStyle(one).color].map((colour) =>
        Number(colour.match(/\d+/)[0]),
      ),
    );
    assert.ok(colours[0] < 60 && colours[1] > 200, String(colours));
    await page.evaluate(() => document.querySelector('afterword-thread').setAttribute('theme', 'inherit'));
    await becomes(await page.evaluate(() => getComputedStyle(document.body).colorScheme));
  });
});

test('an owner’s style sheet reaches into the thread, under a strict policy', async () => {
  await say('styled', 'In colour.');
  const sheet = `${server.base}/own.css`;
  await visit({ expected: [/404/] }, async (page) => {
    await page.route('**/own.css', (route) =>
      route.fulfill({
        contentType: 'text/css',
        headers: { 'access-control-allow-origin': '*' },
        body: '.author { letter-spacing: 3px }',
      }),
    );
    await page.addInitScript(
      (sheet) =>
        addEventListener('DOMContentLoaded', () =>
          document.querySelector('script[data-site]').setAttribute('data-custom-css', sheet),
        ),
      sheet,
    );
    await open(page, host.article('styled'));
    await page.waitForFunction(
      () =>
        getComputedStyle(document.querySelector('afterword-thread').shadowRoot.querySelector('.author'))
          .letterSpacing === '3px',
    );
  });
});

test('printing shows every comment and no controls', async () => {
  const one = await say('print', 'On paper.');
  const two = await say('print', 'Folded on the screen.', one);
  await visit({}, async (page) => {
    await open(page, host.article('print'));
    await fold(page, one).click();
    await comment(page, two).waitFor({ state: 'hidden' });
    await page.emulateMedia({ media: 'print' });
    await comment(page, two).getByText('Folded on the screen.').waitFor();
    assert.equal(
      await inside(page, 'button').evaluateAll((all) => all.filter((one) => one.checkVisibility()).length),
      0,
    );
  });
});

// The widget on a stranger's page: what a reader does, and what may go wrong for them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, Server, closeBrowser, comment, flat, focusedForm, normalTree, open, renderedTree, visit, write } from './harness.mjs';
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

const mainForm = (page) => page.locator('afterword-thread form').filter({ has: page.getByRole('textbox', { name: names.text }) }).first();
const article = (page, text) => page.locator('afterword-thread article').filter({ hasText: text });
const button = (scope, name) => scope.getByRole('button', { name });
const stored = async (slug) => flat((await server.thread(host.article(slug))).comments);

test('write, reply, reply to the reply, edit, vote, delete, reload', async () => {
  await visit({}, async (page) => {
    await open(page, host.article('life'));
    await write(mainForm(page), { name: 'Ada', text: 'The *first* thought.' }, names);
    const first = article(page, 'The first thought.');
    await first.waitFor();
    assert.equal(await first.locator('em').innerText(), 'first');

    await button(first, names.reply).click();
    await write(await focusedForm(page), { name: 'Ada', text: 'A reply to it.' }, names);
    const second = article(page, 'A reply to it.');
    await second.waitFor();

    await button(second, names.reply).click();
    await write(await focusedForm(page), { name: 'Ada', text: 'And one below that.' }, names);
    await article(page, 'And one below that.').waitFor();

    const [one, two, three] = await stored('life');
    assert.deepEqual([one.parent, two.parent, three.parent], [null, one.id, two.id]);

    await button(comment(page, three.id), names.edit).click();
    const form = await focusedForm(page);
    assert.equal(await form.getByRole('textbox', { name: names.text }).inputValue(), 'And one below that.');
    await form.getByRole('textbox', { name: names.text }).fill('And one below that, mended.');
    await button(form, names.save).click();
    await article(page, 'And one below that, mended.').waitFor();

    const vote = button(comment(page, one.id), names.up);
    await vote.click();
    await page.waitForFunction(
      (id) => document.querySelector('afterword-thread').shadowRoot.querySelector(`#comment-${id} [aria-pressed="true"]`),
      one.id,
    );

    await page.reload();
    await open(page, host.article('life'));
    await comment(page, three.id).waitFor();
    assert.equal((await stored('life'))[0].up, 1);
    assert.equal(await button(comment(page, one.id), names.up).getAttribute('aria-pressed'), 'true');

    await button(comment(page, three.id), names.remove).click();
    const sure = page.locator('afterword-thread dialog[open], afterword-thread [role="alertdialog"]');
    if (await sure.count()) await button(sure, names.confirmRemove).click();
    await article(page, 'And one below that, mended.').waitFor({ state: 'detached' });
    assert.equal((await stored('life')).length, 2);

    await page.reload();
    await open(page, host.article('life'));
    await comment(page, two.id).waitFor();
    assert.equal(await comment(page, three.id).count(), 0);
  });
});

test('a new comment takes the focus and is announced', async () => {
  await visit({}, async (page) => {
    await open(page, host.article('focus'));
    await write(mainForm(page), { name: 'Ada', text: 'Where am I?' }, names);
    const mine = article(page, 'Where am I?');
    await mine.waitFor();
    const [one] = await stored('focus');
    await page.waitForFunction(
      (id) => document.querySelector('afterword-thread').shadowRoot.activeElement?.id === `comment-${id}`,
      one.id,
    );
    const status = await page.locator('afterword-thread [role="status"]').allInnerTexts();
    assert.match(status.join(' '), /posted/i);
  });
});

test('a permalink leads to its comment', async () => {
  const page_ = host.article('permalink');
  let last;
  for (let n = 0; n < 30; n++) last = (await server.post(page_, { text: `Comment number ${n}.\n\nIt has two paragraphs.` })).comment;
  await visit({}, async (page) => {
    await page.goto(`${page_}#comment-${last.id}`);
    await comment(page, last.id).waitFor();
    await page.waitForFunction((id) => {
      const box = document.querySelector('afterword-thread').shadowRoot.querySelector(`#comment-${id}`).getBoundingClientRect();
      return box.top >= 0 && box.top < innerHeight;
    }, last.id);
  });
});

test('a held comment is seen by its author and by nobody else', async () => {
  const other = await Host.start();
  const strict = await Server.start({ origin: other.origin, settings: ['moderation=all'] });
  other.show(strict);
  try {
    await visit({}, async (page) => {
      await open(page, other.article('held'));
      await write(mainForm(page), { name: 'Ada', text: 'Please look at this.' }, names);
      await article(page, 'Please look at this.').getByText(names.held).first().waitFor();
      await page.reload();
      await open(page, other.article('held'));
      await article(page, 'Please look at this.').getByText(names.held).first().waitFor();
    });
    assert.deepEqual((await strict.thread(other.article('held'))).comments, []);
    await visit({}, async (page) => {
      await open(page, other.article('held'));
      await page.locator('afterword-thread').getByText(names.empty).first().waitFor();
      assert.equal(await article(page, 'Please look at this.').count(), 0);
    });
  } finally {
    await strict.stop();
    await other.stop();
  }
});

test('a limit counts down and sends what was written', async () => {
  await visit({ expected: [/status of 429/] }, async (page) => {
    let refused = 0;
    await page.route('**/api/v1/sites/*/comments', async (route) => {
      if (route.request().method() !== 'POST' || refused++) return route.fallback();
      await route.fulfill({
        status: 429,
        headers: { 'access-control-allow-origin': host.origin, 'access-control-expose-headers': 'Retry-After', 'retry-after': '3' },
        contentType: 'application/json',
        body: JSON.stringify({ error: { code: 'rate_limited', message: 'Too much at once.', retry_after: 3 } }),
      });
    });
    await open(page, host.article('limit'));
    await write(mainForm(page), { name: 'Ada', text: 'Not so fast.' }, names);
    const thread = page.locator('afterword-thread');
    await thread.getByText(/\b[123]\b.*\bseconds?\b|\bseconds?\b.*\b[123]\b/).first().waitFor();
    assert.equal(await mainForm(page).getByRole('textbox', { name: names.text }).inputValue(), 'Not so fast.');
    // Either it is sent by itself when the time is over, or the button works again.
    await page.waitForTimeout(3500);
    if (!(await article(page, 'Not so fast.').count())) {
      const again = thread.getByRole('button', { name: names.retry }).or(button(mainForm(page), names.post)).first();
      await again.click();
    }
    await article(page, 'Not so fast.').waitFor();
    assert.equal((await stored('limit')).length, 1);
  });
});

test('a server that is down loses no text, and the comment arrives once', async () => {
  await visit({ expected: [/ERR_CONNECTION_REFUSED/, /ERR_CONNECTION_RESET/, /ERR_EMPTY_RESPONSE/, /ERR_SOCKET_NOT_CONNECTED/] }, async (page) => {
    await open(page, host.article('down'));
    await mainForm(page).waitFor();
    await server.kill();
    try {
      await write(mainForm(page), { name: 'Ada', text: 'Can you hear me?' }, names);
      const alert = page.locator('afterword-thread [role="alert"]').filter({ hasText: /not sent|retry|try again|reach/i });
      await alert.first().waitFor();
      assert.equal(await mainForm(page).getByRole('textbox', { name: names.text }).inputValue(), 'Can you hear me?');
    } finally {
      await server.serve();
    }
    const retry = page.locator('afterword-thread').getByRole('button', { name: names.retry }).first();
    if (await retry.count()) await retry.click();
    else await button(mainForm(page), names.post).click();
    await article(page, 'Can you hear me?').waitFor();
    assert.equal((await stored('down')).length, 1);
  });
});

test('a draft survives a reload', async () => {
  await visit({}, async (page) => {
    await open(page, host.article('draft'));
    const area = mainForm(page).getByRole('textbox', { name: names.text });
    await area.click();
    await area.pressSequentially('Half a thought, and');
    await page.waitForTimeout(1200);
    await page.reload();
    await open(page, host.article('draft'));
    await area.click();
    await page.waitForTimeout(200);
    assert.equal(await area.inputValue(), 'Half a thought, and');
  });
});

test('a preview is made like the comment', async () => {
  await visit({}, async (page) => {
    await open(page, host.article('preview'));
    const form = mainForm(page);
    await form.getByRole('textbox', { name: names.text }).click();
    await form.getByRole('textbox', { name: names.text }).fill('Some **bold** words');
    await button(form, names.preview).click();
    await page.locator('afterword-thread strong', { hasText: 'bold' }).waitFor();
    assert.equal((await stored('preview')).length, 0);
  });
});

test('what is shown equals what was stored', async () => {
  const texts = [
    '“Curly” ‘quotes’ — and an ellipsis… :-) <3',
    'Bees 🐝, a family 👩‍👩‍👧‍👦, a flag 🏴󠁧󠁢󠁳󠁣󠁴󠁿, and 𠮷野家.',
    'العسل دواء، و**النحل** صديق.',
    'עברית and English, mixed (with brackets).',
    'A list:\n\n1. one\n2. two\n   - deeper\n\n> quoted\n\n```rust\nfn main() {}\n```\n\n---\n\nhttps://example.org/a?b=1&c=2',
    '<script>alert(1)</script> & <b onclick="x()">text</b>',
    'line one  \nline two\n\n\n\n\nafter many empty lines',
  ];
  for (const text of texts) await server.post(host.article('equal'), { text });
  await visit({}, async (page) => {
    await open(page, host.article('equal'));
    for (const one of await stored('equal')) {
      const shown = comment(page, one.id);
      await shown.waitFor();
      assert.deepEqual(normalTree(await renderedTree(shown)), normalTree(one.body));
    }
  });
});

test('more comments come at a press, and the focus goes to the first of them', async () => {
  const page_ = host.article('many');
  for (let n = 0; n < 130; n++) await server.post(page_, { text: `Thought ${n}` });
  await visit({}, async (page) => {
    await open(page, page_);
    const more = page.locator('afterword-thread').getByRole('button', { name: names.more });
    await more.waitFor();
    const before_ = await page.locator('afterword-thread article').count();
    await more.click();
    await page.waitForFunction(
      (count) => document.querySelector('afterword-thread').shadowRoot.querySelectorAll('article').length > count,
      before_,
    );
    const focused = await page.evaluate(() => document.querySelector('afterword-thread').shadowRoot.activeElement?.localName);
    assert.equal(focused, 'article');
  });
});

test('the thread moves nothing on the page and asks nobody else', async () => {
  await server.post(host.article('still'), { text: 'Here already.' });
  await visit({}, async (page) => {
    const asked = new Set();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    await page.addInitScript(() => {
      globalThis.shift = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.shift += entry.value))).observe({
        type: 'layout-shift',
        buffered: true,
      });
    });
    await open(page, host.article('still'));
    await article(page, 'Here already.').waitFor();
    assert.deepEqual([...asked].sort(), [host.origin, server.base].sort());
    assert.equal(await page.evaluate(() => globalThis.shift), 0);
    assert.equal((await page.context().cookies()).length, 0);
  });
});

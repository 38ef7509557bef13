// The widget on an owner's page: what a reader does, and what may fail.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import {
  Host,
  Server,
  closeBrowser,
  comment,
  flat,
  focusedForm,
  misread,
  normalTree,
  open,
  renderedTree,
  unfold,
  visit,
  write,
} from './harness.mjs';
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

const mainForm = (page) =>
  page
    .locator('afterword-thread form')
    .filter({ has: page.getByRole('textbox', { name: names.text }) })
    .first();
const unsent = (page) => page.locator('afterword-thread [part="waiting"]');
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
      (id) =>
        document.querySelector('afterword-thread').shadowRoot.querySelector(`#comment-${id} [aria-pressed="true"]`),
      one.id,
    );

    await page.reload();
    await open(page, host.article('life'));
    await comment(page, three.id).waitFor();
    assert.equal((await stored('life'))[0].up, 1);
    assert.equal(await button(comment(page, one.id), names.up).getAttribute('aria-pressed'), 'true');

    await button(comment(page, three.id), names.remove).click();
    // It is hidden, and can still be restored.
    await comment(page, three.id).getByText('And one below that, mended.').waitFor({ state: 'hidden' });
    assert.equal((await stored('life')).length, 3);
    await comment(page, three.id).waitFor({ state: 'detached', timeout: 15_000 });
    assert.equal((await stored('life')).length, 2);

    await page.reload();
    await open(page, host.article('life'));
    await comment(page, two.id).waitFor();
    assert.equal(await comment(page, three.id).count(), 0);
  });
});

test('a vote is kept when the page closes before the response, and removed when it is refused', async () => {
  const { comment: one } = await server.post(host.article('hasty'), { text: 'Vote for me.' });
  await visit({ expected: [/ERR_/, /status of 403/] }, async (page) => {
    const pressed = () => button(comment(page, one.id), names.up).getAttribute('aria-pressed');
    let taken;
    await page.route('**/vote', async (route) => {
      if (route.request().method() !== 'PUT') return route.fallback();
      await route.fetch();
      taken = true; // and no answer
    });
    await open(page, host.article('hasty'));
    await button(comment(page, one.id), names.up).click();
    for (let wait = 0; !taken && wait < 100; wait++) await page.waitForTimeout(20);
    await page.reload();
    await open(page, host.article('hasty'));
    await comment(page, one.id).waitFor();
    assert.equal((await stored('hasty'))[0].up, 1);
    assert.equal(await pressed(), 'true');

    await page.unroute('**/vote');
    await page.route('**/vote', (route) =>
      route.request().method() === 'PUT'
        ? route.fulfill({
            status: 403,
            headers: { 'access-control-allow-origin': host.origin },
            contentType: 'application/json',
            body: JSON.stringify({ error: { code: 'votes_off', message: 'No votes here.' } }),
          })
        : route.fallback(),
    );
    await button(comment(page, one.id), names.up).click();
    await comment(page, one.id).getByText('No votes here.').waitFor();
    assert.equal(await pressed(), 'true');
    await page.reload();
    await open(page, host.article('hasty'));
    await comment(page, one.id).waitFor();
    assert.equal(await pressed(), 'true');
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
    await page
      .locator('afterword-thread [role="status"]')
      .filter({ hasText: /posted/i })
      .waitFor({ state: 'attached' });
  });
});

test('a permalink leads to its comment', async () => {
  const page_ = host.article('permalink');
  let last;
  for (let n = 0; n < 30; n++)
    last = (await server.post(page_, { text: `Comment number ${n}.\n\nIt has two paragraphs.` })).comment;
  await visit({}, async (page) => {
    await page.goto(`${page_}#comment-${last.id}`);
    await comment(page, last.id).waitFor();
    await page.waitForFunction((id) => {
      const box = document
        .querySelector('afterword-thread')
        .shadowRoot.querySelector(`#comment-${id}`)
        .getBoundingClientRect();
      return box.top >= 0 && box.top < innerHeight;
    }, last.id);
  });
});

test('a held comment is visible to its author only', async () => {
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

test('a rate limit counts down, then lets the reader send', async () => {
  const other = await Host.start();
  const slow = await Server.start({ origin: other.origin, env: { AFTERWORD_LIMITS_POST: 'address=1/4s' } });
  other.show(slow);
  try {
    await visit({ expected: [/status of 429/] }, async (page) => {
      await open(page, other.article('limit'));
      await write(mainForm(page), { name: 'Ada', text: 'One.' }, names);
      await article(page, 'One.').waitFor();
      await write(mainForm(page), { name: 'Ada', text: 'Not so fast.' }, names);
      const wait = button(mainForm(page), /^Try again in \d+ s$/);
      await wait.waitFor();
      assert.equal(await wait.getAttribute('aria-disabled'), 'true');
      const first = Number((await wait.innerText()).match(/\d+/)[0]);
      assert.ok(first > 1 && first <= 4, `${first} seconds`);
      await button(mainForm(page), /^Try again in 1 s$/).waitFor();
      // Pressing it early sends nothing and loses nothing.
      await wait.click({ force: true });
      assert.equal(await mainForm(page).getByRole('textbox', { name: names.text }).inputValue(), 'Not so fast.');
      await button(mainForm(page), names.post).click();
      await article(page, 'Not so fast.').waitFor();
      const all = flat((await slow.thread(other.article('limit'))).comments);
      assert.deepEqual(
        all.map((one) => one.body),
        [[['p', {}, 'One.']], [['p', {}, 'Not so fast.']]],
      );
    });
  } finally {
    await slow.stop();
    await other.stop();
  }
});

const noServer = [
  /ERR_CONNECTION_REFUSED/,
  /ERR_INCOMPLETE_CHUNKED_ENCODING/,
  /ERR_CONNECTION_RESET/,
  /ERR_EMPTY_RESPONSE/,
  /ERR_SOCKET_NOT_CONNECTED/,
];

test('a server that is down loses no text, and the comment arrives once', async () => {
  await visit({ expected: noServer }, async (page) => {
    await open(page, host.article('down'));
    const area = mainForm(page).getByRole('textbox', { name: names.text });
    await area.click();
    await button(mainForm(page), names.post).waitFor();
    await server.kill();
    try {
      await write(mainForm(page), { name: 'Ada', text: 'Can you hear me?' }, names);
      await unsent(page).getByText(names.unsent).waitFor();
      await page
        .locator('afterword-thread [role="alert"]')
        .filter({ hasText: names.unsent })
        .waitFor({ state: 'attached' });
      assert.equal(await area.inputValue(), '', 'the form is free for the next one');
      // Again while the server is still down: nothing is lost.
      await button(unsent(page), names.retry).click();
      await unsent(page).getByText('Can you hear me?').waitFor();
      // Back into the form, to be edited.
      await button(unsent(page), names.edit).click();
      await unsent(page).waitFor({ state: 'detached' });
      assert.equal(await area.inputValue(), 'Can you hear me?');
      await button(mainForm(page), names.post).click();
      await unsent(page).waitFor();
    } finally {
      await server.serve();
    }
    await button(unsent(page), names.retry).click();
    await article(page, 'Can you hear me?').waitFor();
    await unsent(page).waitFor({ state: 'detached' });
    assert.equal((await stored('down')).length, 1);
  });
});

test('a server that goes down before the form has opened keeps what is typed', async () => {
  await visit({ expected: [...noServer, /dynamically imported module/] }, async (page) => {
    await open(page, host.article('early'));
    const area = mainForm(page).getByRole('textbox', { name: names.text });
    await server.kill();
    try {
      await area.click();
      await area.pressSequentially('Hello, is');
      await mainForm(page).getByRole('alert').waitFor();
    } finally {
      await server.serve();
    }
    await area.pressSequentially(' anybody there?');
    await button(mainForm(page), names.post).waitFor();
    assert.equal(await mainForm(page).getByRole('alert').count(), 0);
    await mainForm(page).getByRole('textbox', { name: names.name }).fill('Ada');
    await button(mainForm(page), names.post).click();
    await article(page, 'Hello, is anybody there?').waitFor();
    assert.equal((await stored('early')).length, 1);
  });
});

test('a thread that cannot be loaded says so, and loads on Try again', async () => {
  await server.post(host.article('later'), { text: 'I was here all the time.' });
  await visit({ expected: [/ERR_FAILED/] }, async (page) => {
    await page.route('**/thread?*', (route) => route.abort());
    await page.goto(host.article('later'));
    await page.evaluate(() => document.querySelector('afterword-thread').scrollIntoView());
    const thread = page.locator('afterword-thread');
    await thread.getByText('The comments could not be loaded.').first().waitFor();
    assert.ok(await thread.getByRole('link', { name: /own page/ }).getAttribute('href'));
    await page.unroute('**/thread?*');
    await button(thread, names.retry).click();
    await article(page, 'I was here all the time.').waitFor();
  });
});

test('a comment is written and answered with the keyboard alone', async () => {
  await visit({}, async (page) => {
    await open(page, host.article('fingers'));
    const active = () =>
      page.evaluate(() => {
        const one = document.querySelector('afterword-thread').shadowRoot.activeElement;
        return (
          one && (one.labels?.[0]?.innerText.trim() || one.getAttribute('aria-label') || one.innerText || one.localName)
        );
      });
    const tabTo = async (name, key = 'Tab') => {
      const passed = [];
      for (let press = 0; press < 40; press++) {
        await page.keyboard.press(key);
        const now = await active();
        if (now && name.test(now)) return;
        passed.push(now);
      }
      assert.fail(`no ${name} among ${passed.join(', ')}`);
    };
    await tabTo(names.text);
    await page.keyboard.type('Typed, not clicked.');
    await button(mainForm(page), names.post).waitFor();
    await tabTo(names.name);
    await page.keyboard.type('Ada');
    await tabTo(names.post);
    await page.keyboard.press('Enter');
    await article(page, 'Typed, not clicked.').waitFor();
    // The focus is on the new comment: its buttons are next in the tab order.
    await page.waitForFunction(
      () => document.querySelector('afterword-thread').shadowRoot.activeElement?.localName === 'article',
    );
    await tabTo(names.reply);
    await page.keyboard.press('Enter');
    await focusedForm(page);
    await page.keyboard.type('Answered likewise.');
    await (await focusedForm(page)).getByRole('button', { name: names.post }).waitFor();
    await page.keyboard.press('Control+Enter');
    await article(page, 'Answered likewise.').waitFor();
    const [one, two] = await stored('fingers');
    assert.equal(two.parent, one.id);
    assert.equal(two.author.name, 'Ada');
  });
});

test('fifty-nine comments read as they were written, each below what it answers', async () => {
  const data = JSON.parse(await readFile(new URL('data/fifty-nine.json', import.meta.url), 'utf8'));
  assert.equal(data.length, 59);
  const ids = {};
  for (const { n, parent, name, website, text } of data) {
    ids[n] = (
      await server.post(host.article('essay'), { parent: parent && ids[parent], name, website, text })
    ).comment.id;
  }
  await visit({}, async (page) => {
    await open(page, host.article('essay'));
    await comment(page, ids[59]).waitFor({ state: 'attached' });
    await unfold(page);
    assert.equal(await page.locator('afterword-thread article').count(), 59);
    assert.deepEqual(await misread(page, data, ids), []);
    // Control: a different text is detected.
    assert.equal((await misread(page, [{ ...data[0], text: `${data[0].text}!` }], ids)).length, 1);
  });
  await visit({ javaScriptEnabled: false }, async (page) => {
    await page.goto((await server.thread(host.article('essay'))).thread.link);
    assert.equal(await page.locator('article').count(), 59);
    assert.deepEqual(await misread(page, data, ids), []);
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

test('a preview equals the comment', async () => {
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

test('the shown comment equals the stored one', async () => {
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

test('Show more comments loads a page, and the focus goes to its first comment', async () => {
  const page_ = host.article('many');
  // More than the server sends in one response.
  for (let n = 0; n < 210; n++) await server.post(page_, { text: `Thought ${n}` });
  await visit({}, async (page) => {
    await open(page, page_);
    const more = page.locator('afterword-thread').getByRole('button', { name: names.more });
    await more.waitFor();
    const before_ = await page.locator('afterword-thread article').count();
    await more.click();
    const place = await page.waitForFunction(() => {
      const { shadowRoot } = document.querySelector('afterword-thread');
      return (
        shadowRoot.activeElement?.localName === 'article' &&
        [...shadowRoot.querySelectorAll('article')].indexOf(shadowRoot.activeElement)
      );
    });
    assert.equal(await place.jsonValue(), before_);
  });
});

test('the thread moves nothing on the page and requests nothing from other hosts', async () => {
  await server.post(host.article('still'), { text: 'Here already.' });
  await visit({}, async (page) => {
    const asked = new Set();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    await page.addInitScript(() => {
      globalThis.shift = 0;
      new PerformanceObserver((list) =>
        list.getEntries().forEach((entry) => (globalThis.shift += entry.value)),
      ).observe({
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

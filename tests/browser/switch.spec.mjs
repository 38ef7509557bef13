// Pages made for Isso, Disqus, Commento, Waline or Twikoo with one changed host name: our scripts replace theirs, and
// links to their comments work. Each has a control, the same page without our script. Real generators and their themes:
// ../sites/run. The documented promises: docs/switch.md.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { comment, open, visit, write } from './harness.mjs';
import { widget as names } from './names.mjs';
import { begin, nothingComes, texts } from './switch-fixture.mjs';

const GONE = 'The linked comment is not here any more.';
const part = (page, name) => page.locator(`afterword-thread [part~="${name}"]`).first();

let host, server, show, say, stop;
before(async () => ({ host, server, show, say, stop } = await begin()));
after(() => stop?.());

/* Isso */

const issoScript = (attributes = '', file = 'embed') =>
  `<script data-isso="${server.base}/" ${attributes} src="${server.base}/js/${file}.min.js"></script>`;
const issoThread = (attributes = '') =>
  `<section id="isso-thread" ${attributes}><noscript>JavaScript needs to be activated to view comments.</noscript></section>`;

test('a page made for Isso has our thread, under the strictest policy, and takes comments', async () => {
  const written = await say('isso', 'From before the reader came.');
  const ways = {
    'as Isso documents it': issoScript() + issoThread(),
    'with an address without a scheme': (issoScript() + issoThread()).replaceAll('"http://', '"//'),
    'with the address of the script alone': issoScript().replace(/data-isso="[^"]*"/, '') + issoThread(),
    'with the script last, and asynchronous': issoThread() + issoScript('async'),
  };
  for (const [way, tag] of Object.entries(ways)) {
    show(tag);
    await visit({}, async (page) => {
      const thread = await open(page, host.article('isso'));
      assert.equal(await page.locator('#isso-thread > afterword-thread').count(), 1, way);
      await comment(page, written).waitFor();
      await write(thread.locator('form'), { name: 'Ada', text: `Sent ${way}.` }, names);
      await thread.getByText(`Sent ${way}.`).waitFor();
    });
    const stored = await server.thread(host.article('isso'));
    assert.ok(texts(stored.comments).includes(`Sent ${way}.`), JSON.stringify(stored.comments));
    assert.equal(stored.thread.title, 'On keeping bees');
  }

  for (const without of [issoThread(), issoScript()]) {
    show(without);
    await visit({}, async (page) => {
      await page.goto(host.article('isso'));
      await nothingComes(page);
    });
  }
});

test('#isso-thread sets the thread and its title', async () => {
  const post = async (tag, text) => {
    show(issoScript() + tag);
    await visit({}, async (page) => {
      const thread = await open(page, host.article('anywhere'));
      await write(thread.locator('form'), { name: 'Ada', text }, names);
      await thread.getByText(text).waitFor();
    });
  };
  await post(issoThread('data-isso-id="/elsewhere/" data-title="Foo!"'), 'Under a path.');
  await post(issoThread('data-isso-id="tea-2026"'), 'Under a name.');
  const byPath = await server.thread(`${host.origin}/elsewhere/`);
  assert.deepEqual([texts(byPath.comments), byPath.thread.title], [['Under a path.'], 'Foo!']);
  const byName = await fetch(server.api(`/thread?page=${encodeURIComponent(host.article('other'))}&page_id=tea-2026`));
  assert.deepEqual(texts((await byName.json()).comments), ['Under a name.']);
  assert.equal(
    (await server.thread(host.article('anywhere'))).thread.count,
    0,
    'not under the address that it was written at',
  );
});

test('Isso’s settings are kept: language, order, avatars, votes', async () => {
  const old = await say('settings', 'The older one.');
  const young = await say('settings', 'The younger one.');
  const seen = async (attributes) => {
    show(issoScript(attributes) + issoThread());
    return visit({}, async (page) => {
      const thread = await open(page, host.article('settings'));
      await comment(page, young).waitFor();
      return {
        order: await thread.locator('article').evaluateAll((all) => all.map((one) => +one.id.slice(8))),
        reply: await comment(page, old).locator('[part~="reply"]').innerText(),
        avatar: await part(page, 'avatar').isVisible(),
        vote: await part(page, 'vote').isVisible(),
      };
    });
  };
  assert.deepEqual(await seen(''), { order: [old, young], reply: 'Reply', avatar: true, vote: true });
  assert.deepEqual(
    await seen('data-isso-lang="de" data-isso-sorting="newest" data-isso-avatar="false" data-isso-vote="false"'),
    {
      order: [young, old],
      reply: 'Antworten',
      avatar: false,
      vote: false,
    },
  );
  // Settings without a counterpart are no obstacle.
  const others =
    'data-isso-css="false" data-isso-max-comments-top="1" data-isso-avatar-bg="#f0f0f0" data-isso-vote-levels="[1,2]" data-isso-require-email="true"';
  assert.deepEqual(await seen(others), { order: [old, young], reply: 'Reply', avatar: true, vote: true });
});

test('texts that an owner of Isso replaced stay replaced, for their language only', async () => {
  const id = await say('words', 'A word.');
  const words = (lang) =>
    `data-isso-comment-reply-text-${lang}="Respond" data-isso-postbox-text-text-${lang}="Say it here" data-isso-num-comments-text-${lang}="One letter\\n{{ n }} letters"`;
  show(issoScript(words('en')) + issoThread());
  await visit({ locale: 'en-GB' }, async (page) => {
    const thread = await open(page, host.article('words'));
    await comment(page, id).getByText('Respond', { exact: true }).waitFor();
    await thread.getByRole('textbox', { name: 'Say it here' }).waitFor();
    assert.equal(await thread.getByRole('heading', { level: 2 }).innerText(), 'One letter');
  });
  show(issoScript(words('fr')) + issoThread());
  await visit({ locale: 'en-GB' }, async (page) => {
    const thread = await open(page, host.article('words'));
    await comment(page, id).getByText('Reply', { exact: true }).waitFor();
    assert.equal(await thread.getByRole('heading', { level: 2 }).innerText(), 'One thought on “On keeping bees”');
  });
});

test('Isso.init() follows a page that changed, Isso.fetchComments() loads again', async () => {
  const first = await say('one', 'On the first page.');
  const second = await say('two', 'On the second page.');
  show(issoScript() + issoThread('data-isso-id="/one/"'));
  await visit({}, async (page) => {
    await open(page, host.article('app'));
    await comment(page, first).waitFor();
    await page.evaluate(() => {
      document.querySelector('#isso-thread').setAttribute('data-isso-id', '/two/');
      window.Isso.init();
    });
    await comment(page, second).waitFor();
    assert.equal(await comment(page, first).count(), 0);

    // As routers do it: a new section in a new document body.
    await page.evaluate(() => {
      const section = document.createElement('section');
      section.id = 'isso-thread';
      section.setAttribute('data-isso-id', '/one/');
      document.querySelector('#isso-thread').replaceWith(section);
      window.Isso.init();
      section.scrollIntoView();
    });
    await comment(page, first).waitFor();
    const later = await say('one', 'Just now.');
    await page.waitForTimeout(300);
    assert.equal(await comment(page, later).count(), 0, 'nothing is loaded unasked');
    await page.evaluate(() => window.Isso.fetchComments());
    await comment(page, later).waitFor();
    assert.equal(await page.locator('afterword-thread').count(), 1);
  });
});

test('links to #isso-thread show the number of comments', async () => {
  await say('counted', 'One.');
  await say('counted', 'Two.');
  await say('named', 'Named.', { page_id: 'tea' });
  const links = `<a class="n" href="/counted/#isso-thread">Comments</a> <a class="n" href="${host.origin}/none/#isso-thread">Comments</a>
    <a class="n" href="/x/#isso-thread" data-isso-id="/counted/">Comments</a> <a class="n" href="/x/#isso-thread" data-isso-id="tea">Comments</a>
    <a class="n" href="/counted/#more">Comments</a>`;
  const said = (tag, wait = true) => {
    show(links + tag);
    return visit({ locale: 'en-GB' }, async (page) => {
      await page.goto(host.article('list'));
      if (wait) await page.waitForFunction(() => document.querySelector('.n').textContent !== 'Comments');
      else await page.waitForTimeout(400);
      return page.locator('.n').allInnerTexts();
    });
  };
  const shown = ['2 thoughts', '0 thoughts', '2 thoughts', 'One thought', 'Comments'];
  assert.deepEqual(await said(issoScript('', 'count')), shown);
  assert.deepEqual(await said(issoScript('async')), shown, 'the script of the thread fills them as well');
  const reworded = 'data-isso-num-comments-text-en="One letter\\n{{ n }} letters"';
  assert.deepEqual(await said(issoScript(reworded, 'count')), [
    '2 letters',
    '0 letters',
    '2 letters',
    'One letter',
    'Comments',
  ]);
  assert.deepEqual(await said('', false), Array(5).fill('Comments'));
});

/* Counts of the others */

test('count links of Disqus, Commento, Waline and Twikoo are filled in one request', async () => {
  await say('counts', 'One.');
  await say('counts', 'Two.');
  await say('counts', 'Three.', { page_id: 'disqus-7' });
  const links = [
    '<a href="/counts/#disqus_thread">?</a>',
    '<a href="/counts/#disqus_thread" data-disqus-identifier="unknown">?</a>',
    `<span class="disqus-comment-count" data-disqus-url="${host.article('counts')}">?</span>`,
    '<span class="disqus-comment-count" data-disqus-identifier="disqus-7">?</span>',
    '<a href="/counts/#commento">?</a>',
    '<span class="waline-comment-count" data-path="/counts/">?</span>',
    '<a href="/counts/#post-comment"><span class="twikoo-count">?</span></a>',
    '<a href="/none/#disqus_thread">?</a>',
    '<a href="/counts/#post-comment">?</a>',
  ]
    .map((link) => `<p class="n">${link}</p>`)
    .join('');
  show(`${links}<script async src="${server.base}/count.js" data-site="blog"></script>`);
  await visit({}, async (page) => {
    let asked = 0;
    page.on('request', (request) => request.url().includes('/counts?') && asked++);
    await page.goto(host.article('list'));
    await page.waitForFunction(() => document.querySelector('.n').textContent !== '?');
    assert.deepEqual(await page.locator('.n').allInnerTexts(), ['2', '2', '2', '1', '2', '2', '2', '0', '?']);
    assert.equal(asked, 1);
  });
  show(links);
  await visit({}, async (page) => {
    await page.goto(host.article('list'));
    await page.waitForTimeout(400);
    assert.deepEqual(await page.locator('.n').allInnerTexts(), Array(9).fill('?'));
  });
});

/* Old links */

/**
 * Stores the old ids of comments, which no command does yet: writes to the table directly, between two runs of the
 * server.
 */
async function callThem(known) {
  await server.kill();
  const program = `import json, sqlite3, sys
database = sqlite3.connect(sys.argv[1])
site, = database.execute("SELECT id FROM sites WHERE name = 'blog'").fetchone()
database.executemany("INSERT INTO comment_names VALUES (?, ?, ?)", [(site, name, id) for name, id in json.loads(sys.argv[2]).items()])
database.commit()`;
  await promisify(execFile)('python3', [
    '-c',
    program,
    path.join(server.folder, 'afterword.db'),
    JSON.stringify(known),
  ]);
  await server.serve();
}

test('old permalinks lead to the imported comment, and say when there is none', async () => {
  const first = await say('links', 'Not meant.');
  const replies = {};
  for (const name of ['isso-12', 'isso-4711', 'comment-12', 'remark42__comment-3f0b9a52-1c4e-4d8a-9a43-6f1b2f7f9a10']) {
    replies[name] = await say('links', `Once called ${name}.`, { parent: first });
  }
  await callThem(replies);
  const focused = (page) => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.id);
  show(issoScript() + issoThread());
  for (const [name, id] of Object.entries(replies)) {
    await visit({}, async (page) => {
      await page.goto(`${host.article('links')}#${name}`);
      await comment(page, id).waitFor();
      await page.waitForFunction((id) => document.activeElement.shadowRoot?.activeElement?.id === `comment-${id}`, id);
      assert.equal(await page.getByText(GONE).count(), 0);
      // Also from within the page.
      await page.evaluate(() => (location.hash = ''));
      await comment(page, first).focus();
      assert.equal(await focused(page), `comment-${first}`);
      await page.evaluate((name) => (location.hash = name), name);
      await page.waitForFunction((id) => document.activeElement.shadowRoot?.activeElement?.id === `comment-${id}`, id);
    });
  }
  for (const name of ['isso-13', 'isso-1214711', 'comment-13', 'remark42__comment-3f0b']) {
    await visit({ expected: [/404/] }, async (page) => {
      await page.goto(`${host.article('links')}#${name}`);
      await page.locator('afterword-thread').getByText(GONE).first().waitFor();
      assert.equal(await focused(page), undefined, name);
    });
  }
  // Links to the thread, like those of Isso's counts, name no comment.
  await visit({}, async (page) => {
    await page.goto(`${host.article('links')}#isso-thread`);
    await comment(page, first).waitFor();
    await page.waitForTimeout(300);
    assert.equal(await page.getByText(GONE).count(), 0);
  });
});

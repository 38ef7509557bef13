// The widget on unusual pages: routers that leave a canonical link, upgrades of the server while pages are open,
// anchors, wrong clocks, owners' mistakes, module scripts, and texts of maximum length.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Server, closeBrowser, flat, visit, write } from './harness.mjs';
import { Pages, article } from './engines/fixture.mjs';
import { widget as names } from './names.mjs';

let pages;
let server;

before(async () => {
  pages = await Pages.start();
  server = await Server.start({ origin: pages.origin });
  pages.show(server);
});

after(async () => {
  await closeBrowser();
  await server?.stop();
  await pages?.stop();
});

const thread = (page) => page.locator('afterword-thread');
const shown = (page, text) => thread(page).locator('article').filter({ hasText: text });
const scroll = (page) => page.evaluate(() => document.querySelector('afterword-thread').scrollIntoView());
const stored = async (url) => flat((await server.thread(url)).comments).length;

/**
 * Two articles; `head` belongs to the first. A router of four lines leaves the head, except for the title, and replaces
 * the text.
 */
async function two(folder, { head = () => '', body = server.tag } = {}) {
  pages.files.set(
    '/router.js',
    `addEventListener('click', (event) => {
    const link = event.target.closest('nav a');
    if (!link) return;
    event.preventDefault();
    history.pushState({}, '', link.href);
    document.querySelector('h1').textContent = document.title = link.textContent;
  });`,
  );
  const nav = `<nav><a href="${folder}one/">One</a> <a href="${folder}two/">Two</a> <a href="${folder}one/?tab=2">Tab</a></nav>`;
  const [one, twoUrl] = ['one', 'two'].map((name) =>
    pages.put(
      `${folder}${name}/`,
      article({
        title: name,
        above: nav,
        head: `${head(`${pages.origin}${folder}${name}/`)}<script src="/router.js"></script>`,
        thread: body,
      }),
    ),
  );
  await server.post(one, { text: 'Said under one.' });
  await server.post(twoUrl, { text: 'Said under two.' });
  return [one, twoUrl];
}

const CANONICAL = (url) => `<link rel="canonical" href="${url}">`;

for (const [name, options] of Object.entries({
  'a canonical link': { head: CANONICAL },
  'a canonical link and og:title': {
    head: (url) => `${CANONICAL(url)}<meta property="og:title" content="Of the article before">`,
  },
})) {
  test(`a router leaves ${name}: thread and comment are those of the article shown`, async () => {
    const [one, twoUrl] = await two(`/left-${name.length}/`, options);
    await visit({}, async (page) => {
      await page.goto(one);
      await scroll(page);
      await shown(page, 'Said under one.').waitFor();
      const area = thread(page).getByRole('textbox', { name: names.text });
      await area.fill('Half a thought about one.');
      await page.getByRole('link', { name: 'Two' }).click();
      await shown(page, 'Said under two.').waitFor();
      assert.equal(await area.inputValue(), '', 'the draft stays with its article');
      await write(thread(page).locator('form').first(), { name: 'Ada', text: 'About two.' }, names);
      await shown(page, 'About two.').waitFor();
      assert.deepEqual([await stored(one), await stored(twoUrl)], [1, 2]);
      await page.goBack();
      await shown(page, 'Said under one.').waitFor();
      await page.waitForFunction(
        () =>
          document.querySelector('afterword-thread').shadowRoot.querySelector('textarea')?.value ===
          'Half a thought about one.',
      );
      await page.goForward();
      await shown(page, 'About two.').waitFor();
    });
  });
}

// What a router leaves of the head, or replaces: the first comment creates a thread with the title of the article
// shown.
for (const [name, replaced, expected] of [
  ['nothing', [], 'Two | The Garden'],
  ['the canonical link', ['link'], 'Two | The Garden'],
  ['og:title', ['meta'], 'Two'],
  ['both', ['link', 'meta'], 'Two'],
]) {
  test(`a router replaces ${name}: the new thread has the title of the article shown`, async () => {
    const folder = `/titles-${replaced.join('-')}/`;
    pages.files.set(
      '/titles.js',
      `addEventListener('click', (event) => {
      const link = event.target.closest('nav a');
      if (!link) return;
      event.preventDefault();
      history.pushState({}, '', link.href);
      document.title = 'Two | The Garden';
      for (const one of (link.dataset.replaced || '').split(' ').filter(Boolean)) {
        const [name, value] = one === 'link' ? ['href', link.href] : ['content', 'Two'];
        document.querySelector(one === 'link' ? '[rel=canonical]' : '[property="og:title"]').setAttribute(name, value);
      }
    });`,
    );
    const url = `${pages.origin}${folder}one/`;
    const above = `<nav><a data-replaced="${replaced.join(' ')}" href="${folder}two/">Two</a></nav>`;
    pages.put(
      `${folder}one/`,
      article({
        title: 'One | The Garden',
        above,
        head: `${CANONICAL(url)}<meta property="og:title" content="One"><meta property="og:site_name" content="The Garden"><script src="/titles.js"></script>`,
        thread: server.tag,
      }),
    );
    await visit({}, async (page) => {
      await page.goto(url);
      await scroll(page);
      await thread(page).locator('textarea').first().waitFor();
      await page.getByRole('link', { name: 'Two' }).click();
      await page.waitForTimeout(2000);
      await write(thread(page).locator('form').first(), { name: 'Ada', text: 'The first one here.' }, names);
      await shown(page, 'The first one here.').waitFor();
    });
    const { thread: stored } = await server.thread(`${pages.origin}${folder}two/`);
    assert.deepEqual([stored.count, stored.title], [1, expected]);
  });
}

test('a router leaves page-url on the element, and data-page-url on the tag', async () => {
  for (const [n, body] of [
    (url) => `<afterword-thread page-url="${url}"></afterword-thread>${server.tag}`,
    (url) => server.tag.replace('data-site', `data-page-url="${url}" data-site`),
  ].entries()) {
    const folder = `/fixed-${n}/`;
    const [one] = await two(folder, { body: body(`${pages.origin}${folder}one/`) });
    await visit({}, async (page) => {
      await page.goto(one);
      await scroll(page);
      await shown(page, 'Said under one.').waitFor();
      await page.getByRole('link', { name: 'Two' }).click();
      await shown(page, 'Said under two.').waitFor();
    });
  }
});

test('a tag that comes with the second article, after the first one’s canonical link', async () => {
  const [one] = await two('/late/', { head: CANONICAL, body: '' });
  await visit({}, async (page) => {
    await page.goto(one);
    await page.getByRole('link', { name: 'Two' }).click();
    await page.evaluate(
      (src) => document.querySelector('main').append(Object.assign(document.createElement('script'), { src })),
      `${server.base}/embed.js`,
    );
    await thread(page).waitFor({ state: 'attached' });
    await scroll(page);
    await shown(page, 'Said under two.').waitFor();
  });
});

test('a change of only the query or fragment loads nothing where the canonical link has no query', async () => {
  const [one] = await two('/query/', { head: CANONICAL });
  await visit({}, async (page) => {
    await page.goto(one);
    await scroll(page);
    await shown(page, 'Said under one.').waitFor();
    const asked = [];
    page.on('request', (request) => /thread\?/.test(request.url()) && asked.push(request.url()));
    await page.getByRole('link', { name: 'Tab' }).click();
    await page.evaluate(() => (location.hash = 'top'));
    await page.waitForTimeout(2000);
    assert.deepEqual(asked, []);
    await shown(page, 'Said under one.').waitFor();
  });
});

const OLD = 'embed/0123456789ab';

test('a loader from a cache names the folder of another build', async () => {
  const url = pages.put('/stale/', article({ root: 'lang="de"', thread: server.tag }));
  await server.post(url, { text: 'Still here.' });
  await visit({}, async (page) => {
    await page.route('**/embed.js', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replace(/embed\/[0-9a-f]{12}/, OLD) });
    });
    await page.goto(url);
    await scroll(page);
    await shown(page, 'Still here.').waitFor();
    await thread(page).locator('textarea').first().fill('Nach dem Umzug.');
    const posted = thread(page).locator('form .primary').first();
    await posted.waitFor();
    assert.notEqual(await posted.innerText(), 'Post comment', 'the words are German');
    await thread(page).locator('form input[name=name]').first().fill('Ada');
    await posted.click();
    await shown(page, 'Nach dem Umzug.').waitFor();
  });
});

// A page opened before the upgrade: its core lacks an export that the present part imports.
for (const [part, lacks] of Object.entries({ composer: 'draftName', enhancements: 'changeCount' })) {
  test(`an upgrade under an open page, whose core does not fit the present ${part}`, async () => {
    const url = pages.put(`/open-${lacks}/`, article({ above: '<p>Room.</p>'.repeat(20), thread: server.tag }));
    const { id } = (await server.post(url, { text: 'Before the upgrade.' })).comment;
    await visit({ expected: [/does not provide an export/] }, async (page) => {
      await page.route('**/embed.js', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text()).replace(/embed\/[0-9a-f]{12}/, OLD) });
      });
      await page.route(`**/${OLD}/core.js`, async (route) => {
        const answer = await route.fetch();
        const body = (await answer.text()).replace(new RegExp(`\\w+ as ${lacks}\\b,?`), '');
        await route.fulfill({ response: answer, body });
      });
      let asked = 0;
      await page.route(`**/${OLD}/upgraded.js`, async (route) => {
        asked++;
        await new Promise((done) => setTimeout(done, 500));
        await route.continue();
      });
      await page.goto(url);
      await scroll(page);
      const before = shown(page, 'Before the upgrade.');
      await before.waitFor();
      if (lacks === 'changeCount') await page.waitForResponse(/\/renew\.js/);
      await before.getByRole('button', { name: names.reply }).click();
      await page.keyboard.type('Half a ', { delay: 20 });
      const field = thread(page).locator(`#comment-${id} textarea`);
      await thread(page).locator(`#comment-${id} form`).getByRole('button', { name: names.post }).waitFor();
      await page.keyboard.type('thought.');
      assert.equal(await field.inputValue(), 'Half a thought.');
      await write(thread(page).locator(`#comment-${id} form`), { name: 'Ada', text: 'A whole one.' }, names);
      await shown(page, 'A whole one.').first().waitFor();
      assert.equal(asked, 1);
      assert.equal(await thread(page).getByRole('alert').filter({ hasText: /\S/ }).count(), 0);
    });
    assert.equal(flat((await server.thread(url)).comments).length, 2);
  });
}

for (const act of ['writes on', 'clicks Reply', 'opens the form and writes']) {
  test(`an upgrade under an open page: the reader ${act} while the present build loads`, async () => {
    const url = pages.put(`/between-${act.length}/`, article({ thread: server.tag }));
    const { id } = (await server.post(url, { text: 'Before the upgrade.' })).comment;
    await visit({ expected: [/does not provide an export/] }, async (page) => {
      await page.route('**/embed.js', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: (await answer.text()).replace(/embed\/[0-9a-f]{12}/, OLD) });
      });
      await page.route('**/core.js', async (route) => {
        const present = !route.request().url().includes(OLD);
        if (present) await held;
        const answer = await route.fetch();
        const body = await answer.text();
        await route.fulfill({ response: answer, body: present ? body : body.replace(/\w+ as changeCount\b,?/, '') });
      });
      let release;
      const held = new Promise((done) => (release = done));
      let renew;
      const wanted = new Promise((done) => (renew = done));
      await page.route(`**/${OLD}/upgraded.js`, async (route) => {
        await wanted;
        await route.continue();
      });
      await page.goto(url);
      await scroll(page);
      const before = shown(page, 'Before the upgrade.');
      await before.waitFor();
      const field = thread(page).locator(`#comment-${id} textarea`);
      const reply = before.getByRole('button', { name: names.reply });
      if (act === 'writes on') {
        await reply.click();
        await page.keyboard.type('Half a ');
      }
      const second = page.waitForRequest((request) => /core\.js/.test(request.url()) && !request.url().includes(OLD));
      renew();
      await second;
      if (act !== 'writes on') await reply.click();
      if (act === 'opens the form and writes') {
        await thread(page).locator('textarea').first().click();
        await page.keyboard.type('Half a ');
      }
      if (act === 'writes on') await page.keyboard.type('thought.');
      release();
      const form = thread(page)
        .locator(act === 'opens the form and writes' ? 'form' : `#comment-${id} form`)
        .first();
      await form.getByRole('button', { name: names.post }).waitFor();
      const text = { 'writes on': 'Half a thought.', 'clicks Reply': '', 'opens the form and writes': 'Half a ' }[act];
      assert.equal(await form.locator('textarea').inputValue(), text);
      await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.localName === 'textarea');
      if (act === 'clicks Reply') assert.ok(await field.isVisible());
    });
  });
}

test('failing parts of one build do not reload the thread', async () => {
  const url = pages.put('/fails/', article({ thread: server.tag }));
  await server.post(url, { text: 'Stands here.' });
  await visit({ expected: [/ERR_FAILED|Failed to fetch/] }, async (page) => {
    const asked = [];
    page.on('request', (request) => /upgraded|renew/.test(request.url()) && asked.push(request.url()));
    await page.route('**/composer.js', (route) => route.abort());
    await page.goto(url);
    await scroll(page);
    await shown(page, 'Stands here.').waitFor();
    await thread(page).locator('textarea').first().fill('Kept.');
    await page.waitForTimeout(500);
    assert.deepEqual(
      asked.filter((one) => /renew/.test(one)),
      [],
    );
    assert.equal(await thread(page).locator('textarea').first().inputValue(), 'Kept.');
  });
});

test('an id of the page wins; #comments and similar fragments lead to the thread', async () => {
  const room = '<p>Room.</p>'.repeat(200);
  const url = pages.put(
    '/anchors/',
    article({
      above: '<a href="#comments">Comments</a><h2 id="comment-rules">Rules</h2><h2 id="comment-7">Seven</h2>',
      thread: room + server.tag,
    }),
  );
  await server.post(url, { text: 'At the end.' });
  await visit({}, async (page) => {
    for (const own of ['comment-rules', 'comment-7']) {
      await page.goto('about:blank');
      await page.goto(`${url}#${own}`);
      await page.waitForTimeout(300);
      assert.equal(await page.evaluate(() => scrollY < 400), true, own);
      await scroll(page);
      await shown(page, 'At the end.').waitFor();
      assert.equal(await thread(page).getByText('not here any more').count(), 0, own);
    }
    for (const name of ['comments', 'respond', 'isso-thread', 'remark42', 'disqus_thread']) {
      await page.goto('about:blank');
      await page.goto(`${url}#${name}`);
      await shown(page, 'At the end.').waitFor();
      const top = await page.evaluate(() => document.querySelector('afterword-thread').getBoundingClientRect().top);
      assert.ok(top < 900 && top > -900, `${name}: ${top}`);
    }
    await page.goto('about:blank');
    await page.goto(url);
    await page.getByRole('link', { name: 'Comments' }).click();
    await shown(page, 'At the end.').waitFor();
  });
});

test('the server’s clock decides, not the reader’s', async () => {
  const url = pages.put('/clock/', article({ thread: server.tag }));
  for (const hours of [-2, 2, 24 * 400]) {
    await visit({}, async (page) => {
      await page.addInitScript((ms) => {
        const { now } = Date;
        Date.now = () => now() + ms;
      }, hours * 3_600_000);
      await page.goto(url);
      await scroll(page);
      const text = `At ${hours} hours.`;
      await write(thread(page).locator('form').first(), { name: 'Ada', text }, names);
      const mine = shown(page, text);
      await mine.getByRole('button', { name: names.edit }).waitFor();
      assert.equal(await mine.locator('time').innerText(), 'now');
      assert.match(await mine.locator('[data-until]').innerText(), /^15 min/);
    });
  }
});

test('a canonical link to another site: the page’s own thread is shown, and the owner told', async () => {
  const url = pages.put(
    '/cross/',
    article({ head: '<link rel="canonical" href="https://elsewhere.example/post/">', thread: server.tag }),
  );
  await server.post(url, { text: 'Read it here.' });
  await visit({ expected: [/403/] }, async (page) => {
    const said = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(url);
    await scroll(page);
    await shown(page, 'Read it here.').waitFor();
    assert.ok(
      said.some((line) => /Afterword: .*elsewhere\.example/.test(line)),
      said.join('\n'),
    );
    await write(thread(page).locator('form').first(), { name: 'Ada', text: 'And write.' }, names);
    await shown(page, 'And write.').waitFor();
    assert.equal(await stored(url), 2);
  });
});

test('a page-url that is a path names the page', async () => {
  const url = pages.put(
    '/path/',
    article({ thread: `<afterword-thread page-url="/path-of-another/"></afterword-thread>${server.tag}` }),
  );
  await server.post(`${pages.origin}/path-of-another/`, { text: 'By its path.' });
  await visit({ expected: [/422/] }, async (page) => {
    await page.goto(url);
    await scroll(page);
    await shown(page, 'By its path.').waitFor();
  });
});

const answers = (status, type, body) => (route) =>
  route.fulfill({ status, contentType: type, headers: { 'access-control-allow-origin': '*' }, body });
const json = (code, message) => JSON.stringify({ error: { code, message } });

for (const [name, { fail, tag = (one) => one, told }] of Object.entries({
  'a site that there is not': { tag: (one) => one.replace('data-site="blog"', 'data-site="blgo"'), told: /data-site/ },
  'an origin that is not registered': {
    fail: answers(
      403,
      'application/json',
      json('page_not_of_site', 'The origin http://x is not registered for this site.'),
    ),
    told: /allowed origin/,
  },
  'a failure': { fail: answers(500, 'application/json', json('internal', 'Something broke.')), told: /log/ },
  'too many questions': {
    fail: answers(429, 'application/json', json('rate_limited', 'Too often.')),
    told: /trusted_proxies/,
  },
  'a portal’s page': { fail: answers(200, 'text/html', '<h1>Welcome</h1>'), told: /text\/html/ },
  'a proxy without CORS': {
    fail: (route) => route.fulfill({ status: 502, contentType: 'text/html', body: '' }),
    told: /status 502|Access-Control-Allow-Origin|cannot be reached/,
  },
})) {
  test(`readers get one sentence, and owners the remedy: ${name}`, async () => {
    const slug = `/mistake-${name.length}/`;
    const url = pages.put(slug, article({ thread: tag(server.tag) }));
    await visit({ expected: [/status of|CORS|ERR_FAILED/] }, async (page) => {
      if (fail) await page.route(/\/api\/.*thread\?/, fail);
      for (const debug of ['', '?afterword-debug']) {
        const said = [];
        page.on('console', (message) => said.push(message.text()));
        await page.goto(url + debug);
        await scroll(page);
        await page.locator('afterword-thread[state=failed]').waitFor();
        const alert = await thread(page).locator('[role=alert]').innerText();
        assert.doesNotMatch(alert, /origin|regist|data-site|broke|http/i);
        if (debug) {
          await thread(page).locator('.debug').filter({ hasText: told }).waitFor();
          assert.ok(
            said.some((line) => told.test(line)),
            said.join('\n'),
          );
        } else {
          assert.equal(await thread(page).locator('.debug').count(), 0);
          for (let wait = 0; wait < 40 && !said.some((line) => /^Afterword: /.test(line)); wait++)
            await page.waitForTimeout(50);
          assert.ok(
            said.some((line) => /^Afterword: /.test(line)),
            said.join('\n'),
          );
        }
      }
    });
  });
}

test('the script as a module: by a tag, by import(), injected, with a nonce', async () => {
  const src = `${server.base}/embed.js`;
  pages.files.set('/import.js', `import('${src}')`);
  pages.files.set(
    '/inject.js',
    `addEventListener('DOMContentLoaded', () => document.querySelector('main').append(Object.assign(document.createElement('script'), { type: 'module', src: '${src}' })))`,
  );
  const ways = {
    tag: [`<script type="module" src="${src}" data-site="blog"></script>`],
    'tag without a site': [`<script type="module" src="${src}"></script>`],
    'in the head': [
      '<afterword-thread></afterword-thread>',
      `<script type="module" src="${src}" data-site="blog"></script>`,
    ],
    'import()': ['<afterword-thread site="blog"></afterword-thread><script type="module" src="/import.js"></script>'],
    'import() from a classic script, no site': [
      '<afterword-thread></afterword-thread><script src="/import.js"></script>',
    ],
    injected: ['<script src="/inject.js"></script>'],
    nonce: [
      `<script type="module" nonce="n1" src="${src}" data-site="blog"></script>`,
      '',
      { 'content-security-policy': `script-src 'nonce-n1' 'strict-dynamic'` },
    ],
  };
  for (const [name, [body, head = '', headers = {}]] of Object.entries(ways)) {
    const slug = `/module-${name.replace(/\W+/g, '-')}/`;
    const url = pages.put(slug, article({ head, thread: body }), headers);
    await server.post(url, { text: `By ${name}.` });
    await visit(
      { expected: name === 'nonce' ? [/probe\.js|Content Security Policy|policy violation/] : [] },
      async (page) => {
        await page.goto(url);
        await thread(page).waitFor({ state: 'attached' });
        await scroll(page);
        await shown(page, `By ${name}.`).waitFor();
      },
    );
  }
});

test('a text as long as the counter allows is accepted: emoji, flags, marks, line breaks', async () => {
  const short = await Server.start({ origin: pages.origin, settings: ['max_text=50'] });
  try {
    for (const [n, one] of ['👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇺🇦', 'e\u0301\u0323', '字', 'a'].entries()) {
      for (const segmenter of [true, false]) {
        const url = pages.put(`/long-${n}-${segmenter}/`, article({ thread: short.tag }));
        await visit({ expected: [] }, async (page) => {
          if (!segmenter) await page.addInitScript(() => delete Intl.Segmenter);
          await page.goto(url);
          await scroll(page);
          const form = thread(page).locator('form').first();
          await form.getByRole('textbox', { name: names.text }).fill(`${one.repeat(50)} \r\n`);
          await form.getByText('0 characters left').waitFor();
          await form.getByRole('textbox', { name: names.text }).fill(one.repeat(51));
          await form.getByText('longer than the 50 characters').waitFor();
          await write(form, { name: 'Ada', text: `${one.repeat(50)} \r\n` }, names);
          await shown(page, one.repeat(50)).waitFor();
        });
      }
    }
  } finally {
    await short.stop();
  }
  const family = pages.put('/family/', article({ thread: server.tag }));
  await server.post(family, { text: '👩‍👩‍👧‍👦'.repeat(10_000) });
});

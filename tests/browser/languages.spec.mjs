// The thread in other languages: every message, in the right direction, with the right plural forms, and fitting.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Host, Server, closeBrowser, comment, open, visit } from './harness.mjs';

const catalogue = async (tag) =>
  JSON.parse(await readFile(new URL(`../../embed/i18n/${tag}.json`, import.meta.url), 'utf8'));

let host;
let server;
let english;

before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin, settings: ['moderation=none'] });
  host.show(server);
  english = await catalogue('en');
});

after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

/** Sets the language of every article. */
function speak(tag) {
  host.language = tag;
  host.look = /^(ar|fa|he)/.test(tag) ? 'rtl' : '';
}

const heading = (page) => page.locator('afterword-thread [part="heading"]');

test('Russian, Polish and Arabic use the right plural forms', async () => {
  for (const [tag, wanted] of [
    ['ru', { 1: '1 комментарий', 2: '2 комментария', 5: '5 комментариев' }],
    ['pl', { 1: 'Jeden komentarz', 2: '2 komentarze', 5: '5 komentarzy' }],
    ['ar', { 1: 'فكرة واحدة', 2: 'فكرتان', 5: '5 أفكار' }],
  ]) {
    const page_ = `count-${tag}`;
    for (let n = 1; n <= 5; n++) {
      await server.post(host.article(page_), { text: `Comment ${n}`, title: '' });
      if (!wanted[n]) continue;
      await visit({}, async (page) => {
        speak(tag);
        await open(page, host.article(page_));
        const text = await heading(page).innerText();
        assert.ok(text.startsWith(wanted[n]), `${tag}, ${n}: ${text}`);
      });
    }
  }
});

test('Arabic is laid out from right to left, with its arrows', async () => {
  const { comment: one } = await server.post(host.article('rtl'), { text: 'نعم' });
  await visit({}, async (page) => {
    speak('ar');
    await open(page, host.article('rtl'));
    const section = page.locator('afterword-thread section');
    assert.deepEqual([await section.getAttribute('lang'), await section.getAttribute('dir')], ['ar', 'rtl']);
    const disc = await comment(page, one.id).locator('.avatar').boundingBox();
    const body = await comment(page, one.id).locator('[part="body"]').boundingBox();
    assert.ok(disc.x > body.x, 'the picture stands on the right');
    await page.locator('afterword-thread textarea').first().click();
    const tools = page.locator('afterword-thread [role="toolbar"] button');
    await tools.first().waitFor();
    const arabic = await catalogue('ar');
    assert.equal(await tools.first().getAttribute('aria-label'), arabic['write.bold']);
    await tools.first().focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await tools.nth(1).evaluate((one) => one.getRootNode().activeElement === one), true);
  });
});

test('the closest language is used, and English where there is none', async () => {
  await server.post(host.article('near'), { text: 'Hello' });
  const replies = {};
  for (const tag of ['de-AT', 'zh-TW', 'zh', 'pt', 'en-GB', 'tlh']) {
    await visit({}, async (page) => {
      speak(tag);
      await open(page, host.article('near'));
      replies[tag] = await page.locator('afterword-thread [part~="reply"]').last().innerText();
    });
  }
  const said = async (tag) => (await catalogue(tag)).reply;
  assert.deepEqual(replies, {
    'de-AT': await said('de'),
    'zh-TW': await said('zh-Hant'),
    zh: await said('zh-Hans'),
    pt: await said('pt-BR'),
    'en-GB': english.reply,
    tlh: english.reply,
  });
});

/** “Ŕéþļý·to·{name}~~~”: pseudo-English, which cannot be hard-coded in the program, and longer. */
function pseudo(text) {
  const letters = {
    a: 'å',
    e: 'é',
    i: 'î',
    o: 'ø',
    u: 'û',
    n: 'ñ',
    s: 'š',
    c: 'ç',
    r: 'ŕ',
    y: 'ý',
    A: 'Å',
    E: 'É',
    S: 'Š',
    T: 'Ŧ',
    R: 'Ŕ',
  };
  const changed = text.replace(/\{\w+\}|[a-zA-Z]/g, (one) => letters[one] ?? one);
  return `⟦${changed}${'~'.repeat(Math.ceil(text.length * 0.4))}⟧`;
}

/** A file of the widget's messages as the build writes it, with the pseudo-language in it. */
function pseudoFile(keys, part) {
  return keys.filter(part).map((key) => {
    const phrase = english[key];
    return typeof phrase === 'string'
      ? pseudo(phrase)
      : Object.fromEntries(Object.entries(phrase).map(([category, text]) => [category, pseudo(text)]));
  });
}

test('every message of the widget is in the catalogues, and long ones fit a narrow page', async () => {
  const slug = 'pseudo';
  const { comment: one } = await server.post(host.article(slug), { text: '123' });
  await server.post(host.article(slug), { text: '456', parent: one.id });
  const keys = Object.keys(english);
  const times = await catalogue('times');
  // Messages of another build are ignored: each part starts with the edition that the program expects.
  const [german, writing] = await Promise.all(
    ['de.js', 'de.write.js'].map((name) => readFile(new URL(`../../embed/dist/i18n/${name}`, import.meta.url), 'utf8')),
  );
  const edition = (text, before) => text.split(`${before}["`)[1].split('"')[0];
  const file = {
    core: [edition(german, 'core='), ...pseudoFile(keys, (key) => !/^(write|later|page)\./.test(key))],
    later: [edition(german, 'later='), ...pseudoFile(keys, (key) => key.startsWith('later.'))],
    write: [edition(writing, 'default '), ...pseudoFile(keys, (key) => key.startsWith('write.'))],
  };
  await visit({ viewport: { width: 320, height: 700 } }, async (page) => {
    speak('xx');
    await page.route('**/i18n/xx.js', (route) =>
      route.fulfill({
        contentType: 'text/javascript',
        headers: { 'access-control-allow-origin': '*' },
        body: `export const tag="en",times=${JSON.stringify(times.en)},core=${JSON.stringify(file.core)},later=${JSON.stringify(file.later)},write=async()=>({default:${JSON.stringify(file.write)}})`,
      }),
    );
    await open(page, host.article(slug));
    await page.locator('afterword-thread textarea').first().click();
    await page.locator('afterword-thread [role="toolbar"]').first().waitFor();
    await comment(page, one.id).locator('[part~="reply"]').first().click();
    await page.locator('form:focus-within [role="toolbar"]').waitFor();
    const { plain, wide } = await page.evaluate(() => {
      const root = document.querySelector('afterword-thread').shadowRoot;
      const plain = [];
      const own = (node) => node.parentElement.closest('.body, bdi, time, textarea, .avatar, .votes, .title');
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      for (let node; (node = walker.nextNode()); )
        if (/[a-z]{2}/i.test(node.data) && !/⟦|~|⟧/.test(node.data) && !own(node)) plain.push(node.data);
      for (const element of root.querySelectorAll('[aria-label],[title]')) {
        for (const name of ['aria-label', 'title']) {
          const text = element.getAttribute(name);
          if (text && !/⟦/.test(text) && !element.closest('time')) plain.push(`${name}: ${text}`);
        }
      }
      const wide = [...root.querySelectorAll('*')]
        .filter(
          (one) => one.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(one).clipPath === 'none',
        )
        .map((one) => one.outerHTML.slice(0, 120));
      if (document.documentElement.scrollWidth > innerWidth) wide.push('the page scrolls sideways');
      return { plain, wide };
    });
    assert.deepEqual(plain, [], 'text that no catalogue has');
    assert.deepEqual(wide, [], 'what is wider than the page');
    assert.ok((await heading(page).innerText()).startsWith('⟦'), 'control: the pseudo language is what is shown');
  });
});

// Pages from the back/forward cache, prerendered pages, and readers with data saving.
import assert from 'node:assert/strict';
import { widget as names } from '../../names.mjs';
import { article, until } from '../fixture.mjs';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const SAVING = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } });";

/** Overrides a browser property that the engine has no setting for. */
function pretend(pages, name, text) {
  pages.files.set(name, text);
  return `<script src="${name}"></script>`;
}

/** Leaves a page with a thread and comes back; returns whether it came from the cache. */
async function awayAndBack(fixture, slug, head, meanwhile = () => {}) {
  const { pages, proxy, server } = fixture;
  const url = pages.put(
    slug,
    article({
      head: `<script src="/shown.js"></script>${head}`,
      above: '<a id="away" href="/plain/">Away</a>',
      thread: fixture.tag,
    }),
  );
  const { comment } = await server.post(url, { text: 'Still here?' });
  const reader = await fixture.reader();
  await reader.open(url);
  if (!head) await until('the connection for news', () => proxy.live === 1);
  await reader.evaluate(() => (window.mark = 1));
  await reader.click({ page: true, css: '#away' });
  await reader.until('the other page', () => document.title === 'Elsewhere');
  await until('the end of the connection', () => proxy.live === 0);
  await meanwhile(url);
  await reader.tab.back();
  await reader.until('the first page', () => document.title === 'On keeping bees' && window.kept !== undefined);
  return { reader, url, id: comment.id, kept: await reader.evaluate(() => window.kept && window.mark === 1) };
}

export default [
  {
    name: 'back/forward cache: the thread works, and gets live events again',
    async run(fixture) {
      const { pages, proxy, server } = fixture;
      pages.files.set('/shown.js', "addEventListener('pageshow', (event) => (window.kept = event.persisted));");
      pages.put('/plain/', article({ title: 'Elsewhere' }));
      const { reader, url, id, kept } = await awayAndBack(fixture, '/kept/', '', (url) =>
        server.post(url, { text: 'Said meanwhile.' }),
      );
      if (!kept) {
        // Firefox does not cache a page with an open connection; nothing else in the thread prevents it.
        await reader.arrive();
        await reader.sees('Said meanwhile.');
        await reader.quiet();
        await reader.tab.goto('about:blank');
        const quiet = await awayAndBack(fixture, '/kept-quiet/', pretend(pages, '/saving.js', SAVING));
        assert.equal(quiet.kept, true, 'a page without a connection is kept');
        await quiet.reader.sees('Still here?');
        return 'kept without news only';
      }
      await until('the connection again', () => proxy.live === 1);
      await reader.find({ css: 'button', name: /^One new comment$/ });
      await reader.click({ css: 'button', name: names.up, within: { css: `#comment-${id}` } });
      await until('the vote', async () => (await server.thread(url)).comments[0].up === 1);
      return undefined;
    },
  },
  {
    name: 'a prerendered page sends no request before it is activated',
    async run(fixture) {
      const { pages, proxy, server } = fixture;
      const head = pretend(
        pages,
        '/prepared.js',
        "let ready = false; Object.defineProperty(document, 'prerendering', { get: () => !ready }); window.activate = () => { ready = true; document.dispatchEvent(new Event('prerenderingchange')); };",
      );
      const url = pages.put('/prepared/', article({ head, thread: fixture.tag }));
      await server.post(url, { text: 'Read me.' });
      const reader = await fixture.reader();
      await reader.tab.goto(url);
      await reader.until('the element', () => !!window.probe?.thread());
      await reader.evaluate(() => probe.thread().scrollIntoView());
      await pause(500);
      assert.deepEqual(
        proxy.asked.filter((line) => !/embed\.js/.test(line)),
        [],
      );
      await reader.evaluate(() => window.activate());
      await reader.arrive();
      await reader.sees('Read me.');
    },
  },
  {
    name: 'a page prerendered by speculation rules',
    async run(fixture) {
      const { pages, proxy, server } = fixture;
      const rules = JSON.stringify({ prerender: [{ urls: ['/next/'], eagerness: 'immediate' }] });
      const from = pages.put(
        '/before/',
        article({
          title: 'Before',
          head: `<script type="speculationrules">${rules}</script>`,
          above: '<a id="next" href="/next/">Next</a>',
        }),
      );
      let fetched = 0;
      const page = article({ title: 'Next', thread: fixture.tag });
      const url = pages.put('/next/', () => (fetched++, page));
      await server.post(url, { text: 'Not too early.' });
      const reader = await fixture.reader();
      await reader.tab.goto(from);
      if (!(await reader.evaluate(() => HTMLScriptElement.supports('speculationrules')))) return 'no speculation rules';
      await until('the page to be prepared', () => fetched === 1);
      await until('its script', () => proxy.count(/embed\.js/));
      await pause(500);
      assert.equal(proxy.count(/thread|core/), 0);
      await reader.click({ page: true, css: '#next' });
      // Activation starts the request for the thread.
      await until('the thread to be asked for', () => proxy.count(/^GET .*\/thread\?/));
      await reader.tab.anew(url);
      await reader.until('the next page', () => document.title === 'Next');
      assert.ok(
        await reader.evaluate(() => performance.getEntriesByType('navigation')[0].activationStart > 0),
        'control: it was prerendered',
      );
      await reader.arrive();
      await reader.sees('Not too early.');
      assert.equal(fetched, 1);
      return undefined;
    },
  },
  {
    name: 'with data saving only what is visible is loaded, and no connection kept',
    async run(fixture) {
      const { pages, proxy, server } = fixture;
      const saving = pretend(pages, '/saving.js', SAVING);
      // The thread starts below the window, within the distance that is otherwise loaded ahead.
      const space = '<p id="space">…</p>';
      pages.files.set(
        '/space.js',
        "addEventListener('DOMContentLoaded', () => (document.querySelector('#space').style.height = innerHeight + 'px'));",
      );
      const put = (name, head) =>
        pages.put(name, article({ head: `<script src="/space.js"></script>${head}`, thread: space + fixture.tag }));
      for (const [url, ahead] of [
        [put('/thrifty/', saving), false],
        [put('/generous/', ''), true],
      ]) {
        await server.post(url, { text: 'Worth it.' });
        const reader = await fixture.reader();
        proxy.forget();
        await reader.tab.goto(url);
        await reader.until('the element', () => !!window.probe?.thread());
        await pause(500);
        assert.equal(proxy.count(/^GET .*\/thread\?/), ahead ? 1 : 0, url);
        await reader.arrive();
        await reader.sees('Worth it.');
        await pause(500);
        assert.equal(proxy.live, ahead ? 1 : 0, url);
        await reader.tab.goto('about:blank');
        await until('the end of the connection', () => proxy.live === 0);
      }
    },
  },
];

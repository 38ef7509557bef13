// A blocked, broken or unreachable comment server: the space stays reserved, the reader is told, and Try again loads
// the thread.
import assert from 'node:assert/strict';
import { widget as names } from '../../names.mjs';
import { faults } from '../proxy.mjs';
import { article } from '../fixture.mjs';

const LINK = '<a href="https://comments.example/thread/blog">Read and write comments</a>';
/** The README's style rules for owners who want the space reserved from the start. */
const ROOM =
  '<style>afterword-thread { display: block; min-height: 100vh } afterword-thread[state] { min-height: 15rem }</style>';

/** A page with a fast clock, half a minute in a moment: for timeouts of the response. */
const HURRY = '<script src="/hurry.js"></script>';
const hurry =
  'const { setTimeout: wait } = window; window.setTimeout = (run, ms, ...rest) => wait(run, ms >= 30000 ? ms / 20 : ms, ...rest);';

async function failing(fixture, slug, fail, mend, extra = {}) {
  const { pages, server } = fixture;
  const url = pages.put(slug, article({ thread: fixture.tag, ...extra }));
  await server.post(url, { text: 'I was here all the time.' });
  const reader = await fixture.reader();
  await fail();
  try {
    await reader.tab.goto(url);
    await reader.until('the element', () => !!window.probe?.thread());
    await reader.evaluate(() => probe.thread().scrollIntoView());
    await reader.until('the state “failed”', () => probe.thread().getAttribute('state') === 'failed');
    const { height, message, link } = await reader.evaluate(() => ({
      height: probe.thread().getBoundingClientRect().height,
      message: probe.root().querySelector('[role=alert]').innerText,
      link: probe.root().querySelector('.failure a').href,
    }));
    assert.ok(height >= 240, `the room is kept: ${height}`);
    assert.ok(message.length > 10, message);
    assert.equal(link, (await server.thread(url)).thread.link);
    // Pressing it too early changes nothing, and keeps the focus.
    await reader.evaluate(() => (probe.root().querySelector('.failure').first = true));
    await reader.click({ css: 'button', name: names.retry });
    await reader.until('the second failure', () => {
      const box = probe.root().querySelector('.failure');
      return box && !box.first && box.contains(probe.root().activeElement);
    });
    await reader.picture(`failed${slug.replaceAll('/', '-')}`);
  } finally {
    await mend();
  }
  await reader.click({ css: 'button', name: names.retry });
  await reader.sees('I was here all the time.');
  await reader.until('the focus on the heading', () => probe.root().activeElement?.id === 'title');
  return reader;
}

export default [
  {
    name: 'a blocked script: the owner’s content stays, in the reserved space',
    async run(fixture) {
      const { pages, proxy } = fixture;
      const url = pages.put(
        '/refused/',
        article({ head: ROOM, thread: `<afterword-thread>${LINK}</afterword-thread>${fixture.tag}` }),
      );
      const reader = await fixture.reader();
      await proxy.down();
      try {
        await reader.tab.goto(url);
        await reader.until('the end of loading', () => document.readyState === 'complete');
        const { text, height, high } = await reader.evaluate(() => ({
          text: probe.thread().innerText,
          height: probe.thread().offsetHeight,
          high: innerHeight,
        }));
        assert.equal(text, 'Read and write comments');
        assert.equal(height, high);
      } finally {
        await proxy.up();
      }
    },
  },
  {
    name: 'an unknown host',
    async run(fixture) {
      const { pages } = fixture;
      const url = pages.put(
        '/unknown/',
        article({
          thread: `<afterword-thread>${LINK}</afterword-thread>${fixture.tag.replace(fixture.proxy.base, 'http://comments.invalid')}`,
        }),
      );
      const reader = await fixture.reader();
      await reader.tab.goto(url);
      await reader.until('the end of loading', () => document.readyState === 'complete');
      assert.equal(await reader.evaluate(() => probe.thread().innerText), 'Read and write comments');
      assert.equal(
        await reader.evaluate(() => !!customElements.get('afterword-thread')),
        false,
        'control: nothing of it came',
      );
    },
  },
  {
    name: 'a program that cannot be loaded: a link to the thread’s own page',
    async run(fixture) {
      const { pages, proxy, server } = fixture;
      const url = pages.put('/half/', article({ thread: fixture.tag }));
      proxy.fault = (request, reply) => /core\.js/.test(request.url) && !!reply.destroy();
      const reader = await fixture.reader();
      await reader.tab.goto(url);
      await reader.until('the link', () => !!window.probe?.thread()?.querySelector('a'));
      assert.equal(
        await reader.evaluate(() => probe.thread().querySelector('a').href),
        (await server.thread(url)).thread.link,
      );
      assert.ok((await reader.evaluate(() => probe.thread().getBoundingClientRect().height)) >= 240);
    },
  },
  {
    name: 'a server that stops after serving its script',
    run: (fixture) =>
      failing(
        fixture,
        '/away/',
        () => (fixture.proxy.fault = (request) => request.url.includes('/api/') && !!request.destroy()),
        () => fixture.proxy.forget(),
      ).then(() => undefined),
  },
  {
    name: 'a server that answers 500, a proxy’s page, a portal’s page',
    async run(fixture) {
      for (const fault of ['broken', 'page', 'portal']) {
        await failing(
          fixture,
          `/${fault}/`,
          () => (fixture.proxy.fault = faults[fault](fixture.pages)),
          () => fixture.proxy.forget(),
        );
      }
    },
  },
  {
    name: 'a server that accepts the request and never answers',
    async run(fixture) {
      fixture.pages.files.set('/hurry.js', hurry);
      await failing(
        fixture,
        '/silent/',
        () => (fixture.proxy.fault = faults.silent()),
        () => fixture.proxy.forget(),
        { head: HURRY },
      );
    },
  },
];

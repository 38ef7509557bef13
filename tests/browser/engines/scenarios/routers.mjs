// Pages that change without a reload: by Turbo, by pjax, as in Astro, and with a router of a few lines.
// After each change the right thread is shown once, and nothing of the previous one is left.
import assert from 'node:assert/strict';
import { article, until } from '../fixture.mjs';

const links = (folder) =>
  `<nav><a id="to-one" href="${folder}one/">One</a> <a id="to-two" href="${folder}two/">Two</a></nav>`;

/** Two articles with one comment each. */
async function two(fixture, folder, { head = '', thread = fixture.tag, below = '' } = {}) {
  for (const name of ['one', 'two']) {
    const url = fixture.pages.put(
      `${folder}${name}/`,
      article({ title: `Article ${name}`, head, above: links(folder), thread, below }),
    );
    await fixture.server.post(url, { text: `Said under ${name}.` });
  }
  return `${fixture.pages.origin}${folder}one/`;
}

/** For six visits: Turbo changes the address first, then shows its cached page, then the fetched one. */
const TURBO = 18;

const press = (reader, name) => reader.click({ page: true, css: `#to-${name}` });

/** The thread of this article and of no other, with one live connection. */
async function shows(reader, fixture, name) {
  const other = name === 'one' ? 'two' : 'one';
  await reader.until(
    `the thread of ${name} alone`,
    (mine, others) =>
      document.querySelectorAll('afterword-thread').length === 1 &&
      probe.thread().getAttribute('state') === 'ready' &&
      probe.text().includes(mine) &&
      !probe.text().includes(others),
    `Said under ${name}.`,
    `Said under ${other}.`,
  );
  await until('one connection for news', () => fixture.proxy.live === 1);
}

/**
 * Navigates to and fro: the right thread each time, one request for each, and the same number of resources at the end
 * as at the start.
 */
async function toAndFro(reader, fixture, go = press) {
  await shows(reader, fixture, 'one');
  await go(reader, 'two');
  await shows(reader, fixture, 'two');
  await go(reader, 'one');
  await shows(reader, fixture, 'one');
  const asked = () => fixture.proxy.count(/^GET .*\/thread\?/);
  const before = await reader.evaluate(() => probe.kept());
  const requests = asked();
  for (let round = 0; round < 3; round++) {
    for (const name of ['two', 'one']) {
      await go(reader, name);
      await shows(reader, fixture, name);
    }
  }
  const kept = await reader.evaluate(() => probe.kept());
  assert.equal(kept.intervals, before.intervals, 'no interval is left behind');
  assert.ok(
    kept.listeners <= before.listeners,
    `listeners grow from ${before.listeners} to ${kept.listeners}:\n${before.all.join('\n')}\n—\n${kept.all.join('\n')}`,
  );
  return asked() - requests;
}

/** A click on a link as a custom router handles it. */
const byHand = (change) => `addEventListener('click', (event) => {
  const link = event.target.closest('a[id^=to-]');
  if (!link) return;
  event.preventDefault();
  history.pushState({}, '', link.href);
  (${change})(link.href, link.id.slice(3));
});`;

function script(fixture, name, text) {
  fixture.pages.files.set(name, text);
  return `<script src="${name}"></script>`;
}

export default [
  {
    name: 'Turbo, the tag in the body',
    async run(fixture) {
      const url = await two(fixture, '/turbo-tag/', { head: '<script defer src="/turbo.js"></script>' });
      const reader = await fixture.reader();
      await reader.open(url);
      await reader.evaluate(() => (window.mark = 1));
      const asked = await toAndFro(reader, fixture);
      assert.ok(asked <= TURBO, `asked ${asked} times`);
      await reader.tab.back();
      await shows(reader, fixture, 'two');
      assert.equal(await reader.evaluate(() => window.mark), 1, 'it was one document all the time');
    },
  },
  {
    name: 'Turbo, the element in the body and the tag in the head',
    async run(fixture) {
      const url = await two(fixture, '/turbo-head/', {
        head: `<script defer src="/turbo.js"></script>${fixture.tag}`,
        thread: '<afterword-thread></afterword-thread>',
      });
      const reader = await fixture.reader();
      await reader.open(url);
      await reader.evaluate(() => (window.mark = 1));
      const asked = await toAndFro(reader, fixture);
      assert.ok(asked <= TURBO, `asked ${asked} times`);
      await reader.tab.back();
      await shows(reader, fixture, 'two');
      assert.equal(await reader.evaluate(() => window.mark), 1, 'it was one document all the time');
    },
  },
  {
    name: 'pjax, a container with the element in it',
    async run(fixture) {
      const start = script(
        fixture,
        '/pjax-start.js',
        "addEventListener('DOMContentLoaded', () => new Pjax({ selectors: ['title', '#content'], cacheBust: false }));",
      );
      const url = await two(fixture, '/pjax/', {
        head: `<script src="/pjax.js"></script>${start}`,
        thread: '<afterword-thread></afterword-thread>',
        below: fixture.tag,
      });
      const reader = await fixture.reader();
      await reader.open(url);
      await reader.evaluate(() => (window.mark = 1));
      assert.equal(await toAndFro(reader, fixture), 6);
      await reader.tab.back();
      await shows(reader, fixture, 'two');
      assert.equal(await reader.evaluate(() => window.mark), 1, 'it was one document all the time');
    },
  },
  {
    name: 'a body swapped as in Astro, scripts run once',
    async run(fixture) {
      const swap = script(
        fixture,
        '/swap.js',
        `window.ran = new Set();
        async function go(href) {
          const page = new DOMParser().parseFromString(await (await fetch(href)).text(), 'text/html');
          for (const old of document.scripts) window.ran.add(old.outerHTML);
          for (const one of [...document.head.children]) if (![...page.head.children].some((other) => other.isEqualNode(one))) one.remove();
          for (const one of [...page.head.children]) if (![...document.head.children].some((other) => other.isEqualNode(one))) document.head.append(one);
          document.body.replaceWith(page.body);
          if (href !== location.href) history.pushState({}, '', href);
          document.dispatchEvent(new Event('astro:after-swap'));
          for (const old of document.body.querySelectorAll('script')) {
            if (window.ran.has(old.outerHTML)) continue;
            window.ran.add(old.outerHTML);
            const fresh = document.createElement('script');
            for (const { name, value } of old.attributes) fresh.setAttribute(name, value);
            old.replaceWith(fresh);
          }
        }
        addEventListener('popstate', () => go(location.href));
        document.addEventListener('click', (event) => {
          const link = event.target.closest('a[id^=to-]');
          if (!link) return;
          event.preventDefault();
          go(link.href);
        });`,
      );
      const url = await two(fixture, '/astro/', {
        head: swap,
        thread: '<afterword-thread></afterword-thread>',
        below: fixture.tag,
      });
      const reader = await fixture.reader();
      await reader.open(url);
      await reader.evaluate(() => (window.mark = 1));
      assert.equal(await toAndFro(reader, fixture), 6);
      await reader.tab.back();
      await shows(reader, fixture, 'two');
      assert.equal(await reader.evaluate(() => window.mark), 1, 'it was one document all the time');
    },
  },
  {
    name: 'a router that replaces the container, and Back',
    async run(fixture) {
      const replace = script(
        fixture,
        '/replace.js',
        `const draw = () => {
          const main = document.querySelector('main');
          main.replaceChildren(Object.assign(document.createElement('h1'), { textContent: location.pathname }), document.createElement('afterword-thread'));
        };
        addEventListener('popstate', draw);
        ${byHand(() => draw())}`,
      );
      const url = await two(fixture, '/replace/', {
        head: replace,
        thread: '<afterword-thread></afterword-thread>',
        below: fixture.tag,
      });
      const reader = await fixture.reader();
      await reader.open(url);
      assert.equal(await toAndFro(reader, fixture), 6);
      await reader.tab.back();
      await shows(reader, fixture, 'two');
      await reader.evaluate(() => document.querySelector('afterword-thread').remove());
      await until('the end of its connection', () => fixture.proxy.live === 0);
    },
  },
  {
    name: 'a router that keeps the element, and has no canonical link',
    async run(fixture) {
      const keep = script(
        fixture,
        '/keep.js',
        byHand((_, name) => (document.querySelector('h1').textContent = `Article ${name}`)),
      );
      const url = await two(fixture, '/keep/', { head: keep });
      const reader = await fixture.reader();
      await reader.open(url);
      await reader.evaluate(() => (probe.thread().mark = 1));
      assert.equal(await toAndFro(reader, fixture), 6);
      await reader.tab.back();
      await shows(reader, fixture, 'two');
      assert.equal(await reader.evaluate(() => probe.thread().mark), 1, 'it was one element all the time');
    },
  },
  {
    name: 'a router that keeps the element, and changes the canonical link late',
    async run(fixture) {
      const late = script(
        fixture,
        '/late.js',
        byHand((href, name) => {
          document.querySelector('h1').textContent = `Article ${name}`;
          setTimeout(
            () => document.querySelector('link[rel=canonical]').setAttribute('href', href.replace(/\?.*/, '')),
            250,
          );
        }),
      );
      const url = await two(fixture, '/late/', {
        head: `<link rel="canonical" href="${fixture.pages.origin}/late/one/">${late}`,
      });
      const reader = await fixture.reader();
      await reader.open(`${url}?from=elsewhere`);
      await reader.evaluate(() => (probe.thread().mark = 1));
      assert.equal(await toAndFro(reader, fixture), 6);
      assert.equal(await reader.evaluate(() => probe.thread().mark), 1, 'it was one element all the time');
    },
  },
  {
    name: 'one element whose page-url and page-id change',
    async run(fixture) {
      const { server, pages, proxy } = fixture;
      const url = await two(fixture, '/reuse/');
      const reader = await fixture.reader();
      await reader.open(url);
      const rename = (reader, name) =>
        reader.evaluate((url) => probe.thread().setAttribute('page-url', url), `${pages.origin}/reuse/${name}/`);
      assert.equal(await toAndFro(reader, fixture, rename), 6);
      await server.post(url, { page_id: 'the-bees', text: 'Said by name.' });
      await reader.evaluate(() => probe.thread().setAttribute('page-id', 'the-bees'));
      await reader.sees('Said by name.');
      await reader.evaluate(() => probe.thread().removeAttribute('page-id'));
      await shows(reader, fixture, 'one');
      // A change of the page without a new article sends no request.
      proxy.forget();
      await reader.evaluate(() => probe.thread().setAttribute('page-url', probe.thread().getAttribute('page-url')));
      await new Promise((done) => setTimeout(done, 200));
      assert.equal(proxy.count(/thread/), 0);
    },
  },
];

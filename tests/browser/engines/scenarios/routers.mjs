// Pages that change without loading anew: by Turbo, by pjax, as Astro does it, and by hand.
// After each change the right thread stands there once, and nothing of the one before is left.
import assert from 'node:assert/strict';
import { article, until } from '../world.mjs';

const links = (folder) => `<nav><a id="to-one" href="${folder}one/">One</a> <a id="to-two" href="${folder}two/">Two</a></nav>`;

/** Two articles, each with a comment of its own. */
async function two(world, folder, { head = '', thread = world.tag, below = '' } = {}) {
  for (const name of ['one', 'two']) {
    const url = world.pages.put(`${folder}${name}/`, article({ title: `Article ${name}`, head, above: links(folder), thread, below }));
    await world.server.post(url, { text: `Said under ${name}.` });
  }
  return `${world.pages.origin}${folder}one/`;
}

/** For six ways: Turbo changes the address first, then shows the page that it kept, then the one that it fetched. */
const TURBO = 18;

const press = (reader, name) => reader.click({ page: true, css: `#to-${name}` });

/** The thread of this article and of no other, with one connection for news. */
async function shows(reader, world, name) {
  const other = name === 'one' ? 'two' : 'one';
  await reader.until(`the thread of ${name} alone`, (mine, others) => document.querySelectorAll('afterword-thread').length === 1 && probe.thread().getAttribute('state') === 'ready' && probe.text().includes(mine) && !probe.text().includes(others), `Said under ${name}.`, `Said under ${other}.`);
  await until('one connection for news', () => world.front.live === 1);
}

/** Goes to and fro: the right thread each time, one request for each, and as much kept at the end as at the beginning. */
async function toAndFro(reader, world, go = press) {
  await shows(reader, world, 'one');
  await go(reader, 'two');
  await shows(reader, world, 'two');
  await go(reader, 'one');
  await shows(reader, world, 'one');
  const asked = () => world.front.count(/^GET .*\/thread\?/);
  const before = await reader.evaluate(() => probe.kept());
  const requests = asked();
  for (let round = 0; round < 3; round++) {
    for (const name of ['two', 'one']) {
      await go(reader, name);
      await shows(reader, world, name);
    }
  }
  const kept = await reader.evaluate(() => probe.kept());
  assert.equal(kept.intervals, before.intervals, 'no interval is left behind');
  assert.ok(kept.listeners <= before.listeners, `listeners grow from ${before.listeners} to ${kept.listeners}:\n${before.all.join('\n')}\n—\n${kept.all.join('\n')}`);
  return asked() - requests;
}

/** Pressing a link as a router of one's own would take it. */
const byHand = (change) => `addEventListener('click', (event) => {
  const link = event.target.closest('a[id^=to-]');
  if (!link) return;
  event.preventDefault();
  history.pushState({}, '', link.href);
  (${change})(link.href, link.id.slice(3));
});`;

function script(world, name, text) {
  world.pages.files.set(name, text);
  return `<script src="${name}"></script>`;
}

export default [
  {
    name: 'Turbo, the tag in the body',
    async run(world) {
      const url = await two(world, '/turbo-tag/', { head: '<script defer src="/turbo.js"></script>' });
      const reader = await world.reader();
      await reader.open(url);
      await reader.evaluate(() => (window.mark = 1));
      const asked = await toAndFro(reader, world);
      assert.ok(asked <= TURBO, `asked ${asked} times`);
      await reader.tab.back();
      await shows(reader, world, 'two');
      assert.equal(await reader.evaluate(() => window.mark), 1, 'it was one document all the time');
    },
  },
  {
    name: 'Turbo, the element in the body and the tag in the head',
    async run(world) {
      const url = await two(world, '/turbo-head/', { head: `<script defer src="/turbo.js"></script>${world.tag}`, thread: '<afterword-thread></afterword-thread>' });
      const reader = await world.reader();
      await reader.open(url);
      await reader.evaluate(() => (window.mark = 1));
      const asked = await toAndFro(reader, world);
      assert.ok(asked <= TURBO, `asked ${asked} times`);
      await reader.tab.back();
      await shows(reader, world, 'two');
      assert.equal(await reader.evaluate(() => window.mark), 1, 'it was one document all the time');
    },
  },
  {
    name: 'pjax, a container with the element in it',
    async run(world) {
      const start = script(world, '/pjax-start.js', "addEventListener('DOMContentLoaded', () => new Pjax({ selectors: ['title', '#content'], cacheBust: false }));");
      const url = await two(world, '/pjax/', { head: `<script src="/pjax.js"></script>${start}`, thread: '<afterword-thread></afterword-thread>', below: world.tag });
      const reader = await world.reader();
      await reader.open(url);
      await reader.evaluate(() => (window.mark = 1));
      assert.equal(await toAndFro(reader, world), 6);
      await reader.tab.back();
      await shows(reader, world, 'two');
      assert.equal(await reader.evaluate(() => window.mark), 1, 'it was one document all the time');
    },
  },
  {
    name: 'a body that is swapped as Astro swaps it, scripts run once',
    async run(world) {
      const swap = script(
        world,
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
      const url = await two(world, '/astro/', { head: swap, thread: '<afterword-thread></afterword-thread>', below: world.tag });
      const reader = await world.reader();
      await reader.open(url);
      await reader.evaluate(() => (window.mark = 1));
      assert.equal(await toAndFro(reader, world), 6);
      await reader.tab.back();
      await shows(reader, world, 'two');
      assert.equal(await reader.evaluate(() => window.mark), 1, 'it was one document all the time');
    },
  },
  {
    name: 'a router that replaces the container, and the way back',
    async run(world) {
      const replace = script(
        world,
        '/replace.js',
        `const draw = () => {
          const main = document.querySelector('main');
          main.replaceChildren(Object.assign(document.createElement('h1'), { textContent: location.pathname }), document.createElement('afterword-thread'));
        };
        addEventListener('popstate', draw);
        ${byHand(() => draw())}`,
      );
      const url = await two(world, '/replace/', { head: replace, thread: '<afterword-thread></afterword-thread>', below: world.tag });
      const reader = await world.reader();
      await reader.open(url);
      assert.equal(await toAndFro(reader, world), 6);
      await reader.tab.back();
      await shows(reader, world, 'two');
      await reader.evaluate(() => document.querySelector('afterword-thread').remove());
      await until('the end of its connection', () => world.front.live === 0);
    },
  },
  {
    name: 'a router that keeps the element, and has no canonical link',
    async run(world) {
      const keep = script(world, '/keep.js', byHand((_, name) => (document.querySelector('h1').textContent = `Article ${name}`)));
      const url = await two(world, '/keep/', { head: keep });
      const reader = await world.reader();
      await reader.open(url);
      await reader.evaluate(() => (probe.thread().mark = 1));
      assert.equal(await toAndFro(reader, world), 6);
      await reader.tab.back();
      await shows(reader, world, 'two');
      assert.equal(await reader.evaluate(() => probe.thread().mark), 1, 'it was one element all the time');
    },
  },
  {
    name: 'a router that keeps the element, and changes the canonical link late',
    async run(world) {
      const late = script(
        world,
        '/late.js',
        byHand((href, name) => {
          document.querySelector('h1').textContent = `Article ${name}`;
          setTimeout(() => document.querySelector('link[rel=canonical]').setAttribute('href', href.replace(/\?.*/, '')), 250);
        }),
      );
      const url = await two(world, '/late/', { head: `<link rel="canonical" href="${world.pages.origin}/late/one/">${late}` });
      const reader = await world.reader();
      await reader.open(`${url}?from=elsewhere`);
      await reader.evaluate(() => (probe.thread().mark = 1));
      assert.equal(await toAndFro(reader, world), 6);
      assert.equal(await reader.evaluate(() => probe.thread().mark), 1, 'it was one element all the time');
    },
  },
  {
    name: 'one element that is given another page-url, and another page-id',
    async run(world) {
      const { server, pages, front } = world;
      const url = await two(world, '/reuse/');
      const reader = await world.reader();
      await reader.open(url);
      const rename = (reader, name) => reader.evaluate((url) => probe.thread().setAttribute('page-url', url), `${pages.origin}/reuse/${name}/`);
      assert.equal(await toAndFro(reader, world, rename), 6);
      await server.post(url, { page_id: 'the-bees', text: 'Said by name.' });
      await reader.evaluate(() => probe.thread().setAttribute('page-id', 'the-bees'));
      await reader.sees('Said by name.');
      await reader.evaluate(() => probe.thread().removeAttribute('page-id'));
      await shows(reader, world, 'one');
      // A change that says nothing new asks for nothing.
      front.forget();
      await reader.evaluate(() => probe.thread().setAttribute('page-url', probe.thread().getAttribute('page-url')));
      await new Promise((done) => setTimeout(done, 200));
      assert.equal(front.count(/thread/), 0);
    },
  },
];

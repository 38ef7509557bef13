// Several threads on one page, the tag twice, and every position of a tag.
import assert from 'node:assert/strict';
import { article } from '../fixture.mjs';

export default [
  {
    name: 'two threads on one page; permalinks go to the right one',
    async run(fixture) {
      const { pages, server } = fixture;
      const room = '<div class="room"><p>…</p></div>'.repeat(3);
      const url = pages.put(
        '/pair/',
        article({
          thread: `<afterword-thread page-id="bees"></afterword-thread>${room}<afterword-thread page-id="pears"></afterword-thread>`,
          below: fixture.tag,
        }),
      );
      const say = async (page_id, text) => (await server.post(url, { page_id, text })).comment.id;
      const bee = await say('bees', 'About bees.');
      const pear = await say('pears', 'About pears.');
      const reader = await fixture.reader();
      await reader.open(url);
      await reader.sees('About bees.', 0);
      await reader.arrive(1);
      await reader.sees('About pears.', 1);
      const holds = (n, text) => reader.evaluate((n, text) => probe.root(n).textContent.includes(text), n, text);
      assert.deepEqual([await holds(0, 'About pears.'), await holds(1, 'About bees.')], [false, false]);
      await reader.write({ text: 'Only for the pears.' }, { thread: 1 });
      assert.equal(await holds(0, 'Only for the pears.'), false);
      assert.equal(await holds(1, 'Only for the pears.'), true, 'control');
      const half = { thread: 0, css: 'textarea' };
      await reader.click(half);
      await reader.type('Half');
      assert.equal(await reader.evaluate(() => probe.root(1).querySelector('textarea').value), '');

      for (const [thread, id] of [
        [1, pear],
        [0, bee],
      ]) {
        await reader.evaluate((id) => (location.hash = `comment-${id}`), id);
        await reader.until(
          'the focus there',
          (n, id) => document.activeElement === probe.thread(n) && probe.root(n).activeElement?.id === `comment-${id}`,
          thread,
          id,
        );
        await reader.until(
          'it in sight',
          (n, id) => {
            const { top } = probe.root(n).querySelector(`#comment-${id}`).getBoundingClientRect();
            return top >= 0 && top < innerHeight;
          },
          thread,
          id,
        );
      }
      // Also from the address that the page was opened with.
      await reader.tab.goto('about:blank');
      await reader.tab.goto(`${url}#comment-${pear}`);
      await reader.until(
        'the focus there',
        (id) =>
          document.activeElement === window.probe?.thread(1) && probe.root(1).activeElement?.id === `comment-${id}`,
        pear,
      );
      await reader.sees('About bees.', 0);
    },
  },
  {
    name: 'the tag twice on one page',
    async run(fixture) {
      const url = fixture.pages.put('/twice/', article({ thread: `${fixture.tag}\n${fixture.tag}` }));
      await fixture.server.post(url, { text: 'Once is enough.' });
      const reader = await fixture.reader();
      await reader.open(url);
      await reader.sees('Once is enough.');
      await new Promise((done) => setTimeout(done, 300));
      assert.equal(await reader.evaluate(() => document.querySelectorAll('afterword-thread').length), 1);
      assert.equal(fixture.proxy.count(/^GET .*\/thread\?/), 1);
    },
  },
  {
    name: 'the tag in the head, injected, at the end, after its element',
    async run(fixture) {
      const { pages, server, tag } = fixture;
      const element = '<afterword-thread></afterword-thread>';
      const [, src] = tag.match(/src="([^"]+)"/);
      const inject = (where) =>
        `const script = document.createElement('script'); script.src = '${src}'; script.dataset.site = 'blog'; script.async = true; addEventListener('DOMContentLoaded', () => ${where});`;
      pages.files.set('/inject-body.js', inject("document.querySelector('main').append(script)"));
      pages.files.set('/inject-head.js', inject('document.head.append(script)'));
      const places = {
        head: { head: tag, thread: element },
        'injected-into-the-body': { head: '<script src="/inject-body.js"></script>' },
        'injected-into-the-head': { head: '<script src="/inject-head.js"></script>', thread: element },
        end: { thread: element, below: tag },
        'end-alone': { below: tag },
        after: { thread: `${element}\n${tag}` },
        deferred: { thread: tag.replace(' async', ' defer') },
        'blocking-in-the-head': { head: tag.replace(' async', ''), thread: element },
      };
      const reader = await fixture.reader();
      for (const [name, page] of Object.entries(places)) {
        const url = pages.put(`/place-${name}/`, article(page));
        await server.post(url, { text: `Tag: ${name}.` });
        await reader.open(url);
        await reader.sees(`Tag: ${name}.`);
        assert.equal(await reader.evaluate(() => document.querySelectorAll('afterword-thread').length), 1, name);
      }
      // A tag in the head without an element: nothing appears, nothing breaks.
      await reader.tab.goto(pages.put('/place-nowhere/', article({ head: tag })));
      await reader.until('the element to be known', () => !!customElements.get('afterword-thread'));
      assert.equal(await reader.evaluate(() => document.querySelectorAll('afterword-thread').length), 0);
    },
  },
];

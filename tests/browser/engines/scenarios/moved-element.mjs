// An element that is moved: with its state where the engine supports it, and reloaded with its draft where it does not.
import assert from 'node:assert/strict';
import { article } from '../fixture.mjs';

const HALF = 'Half a thought, and';
const written = (reader) =>
  reader.until('the half-written text', (text) => probe.root().querySelector('textarea')?.value === text, HALF);

async function halfWritten(fixture, slug) {
  const url = fixture.pages.put(slug, article({ thread: fixture.tag, below: '<aside id="elsewhere"></aside>' }));
  await fixture.server.post(url, { text: 'Stay with me.' });
  const reader = await fixture.reader();
  await reader.open(url);
  await reader.click({ css: 'textarea' });
  await reader.type(HALF);
  await written(reader);
  return reader;
}

export default [
  {
    name: 'moveBefore keeps a half-written form',
    async run(fixture) {
      const reader = await halfWritten(fixture, '/move/');
      if (!(await reader.evaluate(() => 'moveBefore' in Element.prototype))) return 'no moveBefore';
      const { proxy } = fixture;
      proxy.forget();
      await reader.evaluate(() => document.querySelector('#elsewhere').moveBefore(probe.thread(), null));
      await new Promise((done) => setTimeout(done, 500));
      assert.equal(await reader.evaluate(() => probe.thread().parentElement.id), 'elsewhere');
      assert.equal(await reader.evaluate(() => probe.root().querySelector('textarea').value), HALF);
      assert.equal(proxy.count(/thread/), 0, 'nothing is asked for again');
      await reader.click({ css: 'textarea' });
      await reader.key('End');
      await reader.write({ text: ' the rest of it.' });
      await reader.find({ css: 'article', has: `${HALF} the rest of it.` });
      return undefined;
    },
  },
  {
    name: 'remove and append: the thread loads again, with the draft',
    async run(fixture) {
      const reader = await halfWritten(fixture, '/append/');
      fixture.proxy.forget();
      // At once: before the draft would have been saved by its timer.
      await reader.type('!');
      await reader.evaluate(() => document.querySelector('#elsewhere').append(probe.thread()));
      await reader.arrive();
      await reader.sees('Stay with me.');
      await reader.until('the draft', (text) => probe.root().querySelector('textarea')?.value === text, `${HALF}!`);
      assert.equal(fixture.proxy.count(/^GET .*\/thread\?/), 1);
    },
  },
  {
    name: 'removed while it loads: nothing is drawn, no error is shown',
    async run(fixture) {
      const url = fixture.pages.put(
        '/hasty/',
        article({ thread: '<afterword-thread loading="eager"></afterword-thread>', below: fixture.tag }),
      );
      const reader = await fixture.reader();
      let cut = 0;
      fixture.proxy.fault = (request, reply) => {
        if (!/\/thread\?/.test(request.url)) return false;
        // The response never comes: the browser aborts the request.
        reply.on('close', () => cut++);
        return true;
      };
      await reader.tab.goto(url);
      await reader.until('the question', () =>
        performance.getEntriesByType('resource').some(({ name }) => name.endsWith('core.js')),
      );
      await reader.evaluate(() => {
        window.failures = 0;
        addEventListener('afterword:failed', () => window.failures++);
        probe.thread().remove();
      });
      for (let wait = 0; !cut && wait < 100; wait++) await new Promise((done) => setTimeout(done, 30));
      assert.equal(cut, 1, 'the request is given up');
      assert.equal(await reader.evaluate(() => window.failures), 0);
    },
  },
];

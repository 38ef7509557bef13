// An element that is moved: with its state where the engine can, and begun anew with its draft where it cannot.
import assert from 'node:assert/strict';
import { article } from '../world.mjs';

const HALF = 'Half a thought, and';
const written = (reader) => reader.until('the half-written text', (text) => probe.root().querySelector('textarea')?.value === text, HALF);

async function halfWritten(world, slug) {
  const url = world.pages.put(slug, article({ thread: world.tag, below: '<aside id="elsewhere"></aside>' }));
  await world.server.post(url, { text: 'Stay with me.' });
  const reader = await world.reader();
  await reader.open(url);
  await reader.click({ css: 'textarea' });
  await reader.type(HALF);
  await written(reader);
  return reader;
}

export default [
  {
    name: 'moveBefore keeps a half-written form',
    async run(world) {
      const reader = await halfWritten(world, '/move/');
      if (!(await reader.evaluate(() => 'moveBefore' in Element.prototype))) return 'no moveBefore';
      const { front } = world;
      front.forget();
      await reader.evaluate(() => document.querySelector('#elsewhere').moveBefore(probe.thread(), null));
      await new Promise((done) => setTimeout(done, 500));
      assert.equal(await reader.evaluate(() => probe.thread().parentElement.id), 'elsewhere');
      assert.equal(await reader.evaluate(() => probe.root().querySelector('textarea').value), HALF);
      assert.equal(front.count(/thread/), 0, 'nothing is asked for again');
      await reader.click({ css: 'textarea' });
      await reader.key('End');
      await reader.write({ text: ' the rest of it.' });
      await reader.find({ css: 'article', has: `${HALF} the rest of it.` });
      return undefined;
    },
  },
  {
    name: 'remove and append: the thread comes again, with the draft',
    async run(world) {
      const reader = await halfWritten(world, '/append/');
      world.front.forget();
      // At once: before the draft would have been kept by itself.
      await reader.type('!');
      await reader.evaluate(() => document.querySelector('#elsewhere').append(probe.thread()));
      await reader.arrive();
      await reader.sees('Stay with me.');
      await reader.until('the draft', (text) => probe.root().querySelector('textarea')?.value === text, `${HALF}!`);
      assert.equal(world.front.count(/^GET .*\/thread\?/), 1);
    },
  },
  {
    name: 'removed while it loads: nothing comes, nothing is said',
    async run(world) {
      const url = world.pages.put('/hasty/', article({ thread: '<afterword-thread loading="eager"></afterword-thread>', below: world.tag }));
      const reader = await world.reader();
      let cut = 0;
      world.front.mood = (request, reply) => {
        if (!/\/thread\?/.test(request.url)) return false;
        // The answer never comes: the reader's browser lets go of it.
        reply.on('close', () => cut++);
        return true;
      };
      await reader.tab.goto(url);
      await reader.until('the question', () => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('core.js')));
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

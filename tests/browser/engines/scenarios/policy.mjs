// The strictest pages: a policy that forbids all but what the README requires, and cross-origin isolated pages.
import assert from 'node:assert/strict';
import http from 'node:http';
import { widget as names } from '../../names.mjs';
import { flat } from '../../harness.mjs';
import { article, until } from '../fixture.mjs';

const strict = (script, connect) =>
  [
    "default-src 'none'",
    `script-src 'self' ${script}`,
    `connect-src ${connect}`,
    "style-src 'self'",
    "img-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const stored = async (server, url) => flat((await server.thread(url)).comments);

async function life(fixture, url) {
  const { server } = fixture;
  const { comment: there } = await server.post(url, { text: 'Here *before* you.', name: 'Bea' });
  const reader = await fixture.reader();
  await reader.open(url);
  const on = (id) => ({ css: `#comment-${id}` });
  assert.equal(
    await reader.evaluate((id) => probe.root().querySelector(`#comment-${id} em`).textContent, there.id),
    'before',
  );

  await reader.write({ text: 'The first thought.' });
  const first = (await stored(server, url)).find((one) => one.author.name === 'Ada');
  await reader.click({ css: 'button', name: names.reply, within: on(there.id) });
  await reader.find({ css: 'form:focus-within textarea' });
  await reader.write({ text: 'A reply to it.' }, { within: { css: 'form:focus-within' } });
  const reply = (await stored(server, url)).find((one) => one.parent === there.id);
  assert.ok(reply, 'the reply stands below what it answers');

  await reader.click({ css: 'button', name: names.edit, within: on(reply.id) });
  await reader.find({ css: 'form:focus-within textarea' });
  await reader.key('End');
  await reader.type(' Mended.');
  await reader.click({ css: 'button', name: names.preview, within: { css: 'form:focus-within' } });
  await reader.find({ css: '[part~="preview"]', has: 'Mended.' });
  await reader.click({ css: 'button', name: names.save, within: { css: 'form:focus-within' } });
  await reader.find({ css: 'article', has: 'A reply to it. Mended.' });

  await reader.click({ css: 'button', name: names.up, within: on(there.id) });
  await until('the vote', async () => (await stored(server, url)).find((one) => one.id === there.id).up === 1);

  await reader.click({ css: 'button', name: names.remove, within: on(first.id) });
  await reader.gone({ css: `#comment-${first.id} [part~="body"]` });
  await reader.click({ css: 'button', name: names.undo });
  await reader.find({ css: `#comment-${first.id} [part~="body"]`, has: 'The first thought.' });

  await reader.reload();
  await reader.find({ css: 'article', has: 'A reply to it. Mended.' });
  await reader.find({ css: 'article', has: 'The first thought.' });
  await reader.find({ css: '[aria-pressed="true"]', name: names.up, within: on(there.id) });
  // The reader's own comments are recognised by the browser's storage.
  await reader.find({ css: 'button', name: names.edit, within: on(reply.id) });
  return reader;
}

export default [
  {
    name: 'strict policy and trusted types: read, reply, edit, vote, delete and undo, reload',
    async run(fixture) {
      const { pages, proxy } = fixture;
      const url = pages.put('/strict/', article({ thread: fixture.tag }), {
        'content-security-policy': strict(proxy.base, proxy.base),
      });
      const reader = await life(fixture, url);
      await reader.evaluate(() => scrollTo(0, 0));
      await reader.picture('thread');
    },
  },
  {
    name: 'control: a policy that forbids the script is detected',
    async run(fixture) {
      const { pages, proxy } = fixture;
      const url = pages.put(
        '/forbidden/',
        article({
          thread: `<afterword-thread><a href="/thread">Read the comments</a></afterword-thread>${fixture.tag}`,
        }),
        {
          'content-security-policy': strict('', proxy.base),
        },
      );
      const reader = await fixture.reader();
      reader.expected = [/^violation: script-src(-elem)? .*embed\.js/];
      await reader.tab.goto(url);
      await reader.until('the violation', () => probe.noted().length);
      assert.match((await reader.evaluate(() => probe.noted()))[0], reader.expected[0]);
      assert.equal(
        await reader.evaluate(() => document.querySelector('afterword-thread').innerText),
        'Read the comments',
      );
      assert.equal(proxy.asked.length, 0);
    },
  },
  {
    name: 'control: an error that a page throws, rejects or logs is detected',
    async run(fixture) {
      const { pages } = fixture;
      pages.files.set(
        '/faulty.js',
        "setTimeout(() => { throw new Error('thrown'); }, 0); Promise.reject(new Error('rejected')); console.error('logged');",
      );
      const url = pages.put('/faulty/', article({ head: '<script src="/faulty.js"></script>' }));
      const reader = await fixture.reader();
      await reader.tab.goto(url);
      await reader.until('all three', () => probe.noted().length === 3);
      await reader.tab.goto(pages.put('/faultless/', article()));
      assert.equal((await reader.noted()).length, 3, 'and is not forgotten on the next page');
      await assert.rejects(reader.quiet(), /the page noted errors/);
      await reader.evaluate(() => probe.forgive());
    },
  },
  {
    name: 'isolated page (COEP require-corp, COOP same-origin)',
    async run(fixture) {
      const { pages, server } = fixture;
      // Another origin, with one image with a CORP header and one without.
      const pixel = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64');
      const other = http.createServer((request, answer) => {
        answer.writeHead(200, {
          'content-type': 'image/gif',
          ...(request.url === '/shared.gif' && { 'cross-origin-resource-policy': 'cross-origin' }),
        });
        answer.end(pixel);
      });
      await new Promise((done) => other.listen(0, '127.0.0.1', done));
      // Another port is the same site, but another origin, which is what require-corp checks.
      const from = `http://127.0.0.1:${other.address().port}`;
      try {
        const url = pages.put('/isolated/', article({ thread: fixture.tag }), {
          'cross-origin-embedder-policy': 'require-corp',
          'cross-origin-opener-policy': 'same-origin',
        });
        await server.post(url, { text: 'Said in isolation.' });
        const reader = await fixture.reader();
        await reader.open(url);
        await reader.sees('Said in isolation.');
        assert.equal(await reader.evaluate(() => crossOriginIsolated), true);
        await reader.write({ text: 'And answered.' });
        const loads = (src) =>
          reader.evaluate(
            (src) =>
              new Promise((done) =>
                Object.assign(new Image(), { src, onload: () => done(true), onerror: () => done(false) }),
              ),
            src,
          );
        assert.equal(await loads(`${from}/shared.gif`), true, 'what is for everybody comes');
        assert.equal(await loads(`${from}/private.gif`), false, 'control: what does not say so is blocked here');
      } finally {
        other.closeAllConnections();
        await new Promise((done) => other.close(done));
      }
    },
  },
];

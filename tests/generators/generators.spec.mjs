// Builds a site with each generator from the files of docs/generators, and reads its comments with and without
// JavaScript. Every comment must be visible exactly once, and a build must send exactly one request to the comment
// server.
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, test } from 'node:test';
import { closeBrowser, flat, Server, treeText, visit, write } from '../browser/harness.mjs';
import { widget as names } from '../browser/names.mjs';
import { built, GENERATORS, ROUTERS } from './generators.mjs';

const TEXTS = ['Loose leaf, always.', 'Bags are fine, too & <b>cheap</b>.'];
const KINDS = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

after(closeBrowser);

/** Serves a folder that is filled later. */
async function blog() {
  const own = { folder: '' };
  own.server = http.createServer(async (request, answer) => {
    let { pathname } = new URL(request.url, 'http://x');
    if (pathname.endsWith('/')) pathname += 'index.html';
    try {
      const bytes = await readFile(path.join(own.folder, path.normalize(decodeURI(pathname))));
      answer.writeHead(200, { 'content-type': KINDS[path.extname(pathname)] ?? 'application/octet-stream' }).end(bytes);
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise((done) => own.server.listen(0, '127.0.0.1', done));
  own.origin = `http://127.0.0.1:${own.server.address().port}`;
  return own;
}

/** A proxy in front of the comment server that records its requests. */
async function counter() {
  const own = { asked: [], to: '' };
  own.server = http.createServer((request, answer) => {
    own.asked.push(request.url);
    const onward = http.request(
      own.to + request.url,
      { method: request.method, headers: request.headers, agent: false },
      (reply) => {
        answer.writeHead(reply.statusCode, reply.headers);
        reply.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    request.pipe(onward);
  });
  await new Promise((done) => own.server.listen(0, '127.0.0.1', done));
  own.base = `http://127.0.0.1:${own.server.address().port}`;
  return own;
}

/** The number of times that each text is visible on the page, in the document and in every shadow tree. */
const readings = (page) =>
  page.evaluate((texts) => {
    const shown = [];
    const walk = (root) => {
      for (const element of root.querySelectorAll('afterword-thread p, :host p, section p'))
        if (element.getClientRects().length) shown.push(element.textContent.trim());
      for (const element of root.querySelectorAll('afterword-thread')) if (element.shadowRoot) walk(element.shadowRoot);
    };
    walk(document);
    return texts.map((text) => shown.filter((one) => one === text).length);
  }, TEXTS);

const ready = (page) => page.locator('afterword-thread[state=ready]').waitFor({ state: 'attached' });
const near = (page) => page.evaluate(() => document.querySelector('afterword-thread').scrollIntoView());

for (const generator of GENERATORS) {
  test(generator.name, async (t) => {
    const host = await blog();
    const front = await counter();
    const server = await Server.start({ origin: host.origin, owner: null, env: { AFTERWORD_BASE_URL: front.base } });
    front.to = server.base;
    let folder;
    t.after(async () => {
      for (const one of [host.server, front.server]) one.closeAllConnections(), one.close();
      await server.stop();
      if (folder) await rm(folder, { recursive: true, force: true });
    });
    const tea = `${host.origin}/posts/tea/`;
    const first = await server.post(tea, { text: TEXTS[0] });
    await server.post(tea, { text: TEXTS[1], parent: first.comment.id, name: 'Bert' });

    const result = await built(generator, host.origin, front.base);
    folder = result.folder;
    host.folder = result.pages;
    const calls = front.asked.filter((url) => url.includes('/threads'));
    assert.equal(calls.length, generator.prerender ? 1 : 0, `the build asked ${calls.length} times`);

    const html = await readFile(path.join(result.pages, 'posts/tea/index.html'), 'utf8');
    const other = await readFile(path.join(result.pages, 'posts/coffee/index.html'), 'utf8');
    assert.equal(html.split('<afterword-thread').length, 2, 'one thread on the page');
    assert.equal(html.includes(TEXTS[0]), generator.prerender);
    assert.equal(html.includes('&lt;b&gt;cheap&lt;/b&gt;'), generator.prerender, 'text stays text');
    assert.ok(!html.includes('<b>cheap'), 'and nothing became mark-up');
    assert.ok(
      other.includes('Read and write comments') && !other.includes(TEXTS[0]),
      'a page without comments links to its thread',
    );

    // Resources that the theme loads from other hosts are unavailable here and do not matter.
    const expected = generator.foreign ? [/./] : [];
    const alone = (page) =>
      page.route(
        (url) => ![host.origin, front.base].includes(url.origin),
        (route) => route.abort(),
      );

    await visit({ javaScriptEnabled: false, expected }, async (page) => {
      await alone(page);
      await page.goto(tea);
      if (generator.prerender) assert.deepEqual(await readings(page), [1, 1], 'read without JavaScript');
      await page.locator('afterword-thread').getByRole('link', { name: 'Read and write comments' }).click();
      await page.waitForURL(`${front.base}/thread/blog?**`);
      await page.getByText(TEXTS[0]).waitFor();
    });

    await visit({ expected }, async (page) => {
      await alone(page);
      await page.goto(tea);
      await near(page);
      await ready(page);
      assert.deepEqual(await readings(page), [1, 1], 'read once with the widget');
      await page.locator(`afterword-thread #comment-${first.comment.id} >> text=Reply`).first().waitFor();
      if (generator.spa) {
        await page.getByRole('link', { name: 'The other one' }).click();
        await page.waitForURL('**/posts/coffee/');
        await near(page);
        await ready(page);
        assert.deepEqual(await readings(page), [0, 0], 'another page has another thread');
        await page.goBack();
        await near(page);
        for (let n = 0; n < 100 && String(await readings(page)) !== '1,1'; n++) await page.waitForTimeout(50);
        assert.deepEqual(await readings(page), [1, 1], 'and the first comes back');
      }
    });

    // The control: without the comment server only the built content is visible.
    await visit({ expected: [/./] }, async (page) => {
      await page.route(
        (url) => url.origin !== host.origin,
        (route) => route.abort(),
      );
      await page.goto(tea);
      await near(page);
      await page.waitForTimeout(300);
      assert.deepEqual(await readings(page), generator.prerender ? [1, 1] : [0, 0]);
      assert.equal(await page.locator('afterword-thread[state=ready]').count(), 0);
    });
  });
}

for (const generator of ROUTERS) {
  test(generator.name, async (t) => {
    const host = await blog();
    const server = await Server.start({ origin: host.origin, owner: null });
    let folder;
    t.after(async () => {
      host.server.closeAllConnections();
      host.server.close();
      await server.stop();
      if (folder) await rm(folder, { recursive: true, force: true });
    });
    const [tea, coffee] = ['tea', 'coffee'].map((name) => `${host.origin}/posts/${name}/`);
    await server.post(tea, { text: TEXTS[0] });
    const result = await built(generator, host.origin, server.base);
    folder = result.folder;
    host.folder = result.pages;

    await visit({ expected: [/favicon/] }, async (page) => {
      const form = page.locator('afterword-thread form').first();
      const text = form.getByRole('textbox', { name: names.text });
      const said = page.locator('afterword-thread').getByText(TEXTS[0]).filter({ visible: true });
      /** The thread of this article, once. */
      const arrive = async (url) => {
        await page.waitForURL(url);
        await page.locator('afterword-thread').waitFor({ state: 'attached' });
        await near(page);
        await ready(page);
        await said.waitFor({ state: url === tea ? 'visible' : 'hidden' });
        assert.equal(await page.locator('afterword-thread').count(), 1);
      };
      await page.goto(tea);
      await arrive(tea);
      await page.evaluate(() => (window.mark = 1));
      await text.click();
      await form.getByRole('button', { name: names.post }).waitFor();
      await text.fill('Half a thought');

      await page.getByRole('link', { name: 'The other one' }).click();
      await arrive(coffee);
      assert.equal(await text.inputValue(), '', 'the draft stays with its article');
      await write(form, { name: 'Ada', text: 'Written under coffee.' }, names);
      await page.locator('afterword-thread article').getByText('Written under coffee.').waitFor();

      await page.goBack();
      await arrive(tea);
      for (let n = 0; n < 100 && (await text.inputValue()) !== 'Half a thought'; n++) await page.waitForTimeout(50);
      assert.equal(await text.inputValue(), 'Half a thought');

      await page.goForward();
      await arrive(coffee);
      await page.locator('afterword-thread article').getByText('Written under coffee.').waitFor();
      assert.equal(await page.evaluate(() => window.mark), 1, 'it was one document all the time');
    });
    const stored = async (url) => flat((await server.thread(url)).comments).map((one) => treeText(one.body));
    assert.deepEqual([await stored(tea), await stored(coffee)], [[TEXTS[0]], ['Written under coffee.']]);
    assert.equal((await server.thread(coffee)).thread.title, 'On coffee');
  });
}

// Failures at the worst moment: the connection drops, the page closes, the server dies. In the end the reader's text is
// present exactly once.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, beforeEach, test } from 'node:test';
import { Host, Server, closeBrowser, flat, open, visit, write } from './harness.mjs';
import { widget as names } from './names.mjs';

/** A proxy between browser and server: forwards everything, nothing, or drops a response and kills the server. */
class Wire {
  mode = 'through';
  posts = [];
  swallowed = 0;

  static async start() {
    const wire = new Wire();
    wire.server = http.createServer((request, answer) => wire.pass(request, answer));
    await new Promise((done) => wire.server.listen(0, '127.0.0.1', done));
    wire.base = `http://127.0.0.1:${wire.server.address().port}`;
    return wire;
  }

  async pass(request, answer) {
    if (this.mode === 'cut') return request.socket.destroy();
    const body = [];
    for await (const chunk of request) body.push(chunk);
    const posting = request.method === 'POST' && /\/comments$/.test(request.url);
    if (posting) this.posts.push(JSON.parse(Buffer.concat(body)));
    const options = { port: server.port, method: request.method, path: request.url, headers: request.headers };
    const onwards = http.request(options, async (got) => {
      if (!posting) {
        answer.writeHead(got.statusCode, got.headers);
        got.on('error', () => request.socket.destroy());
        return got.pipe(answer);
      }
      const parts = [];
      for await (const chunk of got) parts.push(chunk);
      if (this.mode === 'kill') {
        // It was committed: the response is here. The reader never gets it.
        assert.equal(got.statusCode, 201);
        this.mode = 'through';
        this.swallowed++;
        await server.kill();
        return request.socket.destroy();
      }
      answer.writeHead(got.statusCode, got.headers);
      answer.end(Buffer.concat(parts));
    });
    onwards.on('error', () => request.socket.destroy());
    onwards.end(Buffer.concat(body));
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

let host;
let wire;
let server;

before(async () => {
  host = await Host.start();
  wire = await Wire.start();
  server = await Server.start({ origin: host.origin, env: { AFTERWORD_BASE_URL: wire.base } });
  host.show({ tag: server.tag, base: wire.base });
});

beforeEach(() => {
  wire.mode = 'through';
  wire.posts = [];
});

after(async () => {
  await closeBrowser();
  await wire?.stop();
  await server?.stop();
  await host?.stop();
});

const broken = [/ERR_/, /dynamically imported module/];
const form = (page) => page.locator('afterword-thread form').first();
const unsent = (page) => page.locator('afterword-thread [part="waiting"]');
const article = (page, text) => page.locator('afterword-thread article').filter({ hasText: text });
const stored = async (slug) => flat((await server.thread(host.article(slug))).comments);
const long = `What I wanted to say takes a while. ${'And then the bees came back, all of them, and settled in the pear tree. '.repeat(30)}That is all.`;

test('a long reply is written, the network goes, the page is loaded again, the network comes back', async () => {
  const { comment: above } = await server.post(host.article('storm'), { text: 'Tell me about the bees.' });
  await visit({ expected: broken }, async (page) => {
    await open(page, host.article('storm'));
    await page.locator(`#comment-${above.id}`).getByRole('button', { name: names.reply }).click();
    const reply = page.locator('form:focus-within');
    const area = reply.getByRole('textbox', { name: names.text });
    await reply.getByRole('button', { name: names.post }).waitFor();
    // Half of it is typed when the page closes for the first time: it is restored as a draft.
    await area.fill(long.slice(0, 900));
    await page.waitForTimeout(600);
    await page.reload();
    await open(page, host.article('storm'));
    await page.locator(`#comment-${above.id}`).getByRole('button', { name: names.reply }).click();
    await reply.getByRole('button', { name: names.post }).waitFor();
    assert.equal(await area.inputValue(), long.slice(0, 900));

    wire.mode = 'cut';
    await area.fill(long);
    await reply.getByRole('textbox', { name: names.name }).fill('Ada');
    await reply.getByRole('button', { name: names.post }).click();
    await unsent(page).getByText(names.unsent).waitFor();
    assert.equal((await stored('storm')).length, 1);

    await page.reload();
    wire.mode = 'through';
    await open(page, host.article('storm'));
    await article(page, 'That is all.').waitFor();
    await unsent(page).waitFor({ state: 'detached' });
    const comments = await stored('storm');
    assert.equal(comments.length, 2);
    assert.deepEqual([comments[1].parent, comments[1].author.name], [above.id, 'Ada']);
    // The whole text, and below its parent.
    assert.equal(await article(page, 'That is all.').locator('[part~="body"]').innerText(), long);
  });
});

test('the server dies between commit and response, and the page is closed: one comment', async () => {
  await visit({ expected: broken }, async (page, context) => {
    await open(page, host.article('crash'));
    wire.mode = 'kill';
    await write(form(page), { name: 'Ada', text: long }, names);
    await unsent(page).getByText(names.unsent).waitFor();
    assert.equal(wire.swallowed, 1, 'control: the answer was there and was swallowed');
    await page.close();

    await server.serve();
    assert.equal((await stored('crash')).length, 1, 'control: it had been committed');
    const again = await context.newPage();
    await open(again, host.article('crash'));
    await article(again, 'That is all.').waitFor();
    await unsent(again).waitFor({ state: 'detached' });
    assert.equal((await stored('crash')).length, 1);
    assert.equal(await article(again, 'That is all.').count(), 1);
    const keys = new Set(wire.posts.map((one) => one.key));
    assert.ok(wire.posts.length >= 2, 'control: it was sent again');
    assert.equal(keys.size, 1, 'under the same key');
  });
  // Control: the key makes them one comment, not the text.
  const { comment: once } = await server.post(host.article('crash'), { text: long });
  assert.ok(once.id);
  assert.equal((await stored('crash')).length, 2);
});

test('the page closes before the response, and two tabs reopen', async () => {
  await visit({ expected: broken }, async (page, context) => {
    await open(page, host.article('tabs'));
    wire.mode = 'kill';
    await write(form(page), { name: 'Ada', text: 'Sent, and gone before the answer.' }, names);
    for (let wait = 0; wire.mode === 'kill' && wait < 200; wait++) await page.waitForTimeout(25);
    await page.close();
    await server.serve();
    const tabs = [await context.newPage(), await context.newPage()];
    await Promise.all(tabs.map((tab) => open(tab, host.article('tabs'))));
    for (const tab of tabs) {
      await article(tab, 'gone before the answer').waitFor();
      await unsent(tab).waitFor({ state: 'detached' });
      assert.equal(await article(tab, 'gone before the answer').count(), 1);
    }
    assert.equal((await stored('tabs')).length, 1);
  });
});

test('a deleted comment is deleted, also when the page is closed at once', async () => {
  await visit({ expected: broken }, async (page, context) => {
    await open(page, host.article('regret'));
    await write(form(page), { name: 'Ada', text: 'I should not have said that.' }, names);
    const posted = article(page, 'I should not have said that.');
    await posted.getByRole('button', { name: names.remove }).click();
    await page.getByRole('button', { name: names.undo }).waitFor();
    await page.close();
    for (let wait = 0; wait < 100 && (await stored('regret')).length; wait++)
      await new Promise((done) => setTimeout(done, 50));
    const again = await context.newPage();
    await open(again, host.article('regret'));
    await again.waitForTimeout(1000);
    assert.equal((await stored('regret')).length, 0);
    assert.equal(await article(again, 'I should not have said that.').count(), 0);
  });
});

// The admin pages: sign in, register a site, decide, and undo, by pointer and by keyboard.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, OWNER, Server, closeBrowser, flat, visit } from './harness.mjs';
import { admin as names } from './names.mjs';

let host;
let server;

before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin, settings: ['moderation=all'] });
  host.show(server);
});

after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

const visible = async (slug) => flat((await server.thread(host.article(slug))).comments).map((one) => one.id);
const row = (page, id) => page.locator(`#item-${id}`);
const press = (scope, name) => scope.getByRole('button', { name }).first().click();

async function signIn(page, { name, password } = OWNER) {
  await page.goto(`${server.base}/admin`);
  await page.locator('input[name="name"]').fill(name);
  await page.locator('input[name="password"]').fill(password);
  await press(page, names.signIn);
}

async function eventually(check, message) {
  for (let attempt = 0; attempt < 60; attempt++) {
    if (await check()) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail(message);
}

test('only the right password signs in', async () => {
  await visit({ expected: [/status of 401/] }, async (page) => {
    await signIn(page, { name: OWNER.name, password: 'wrong' });
    assert.equal(await page.locator('input[name="password"]').count(), 1);
    await signIn(page);
    await page.locator('input[name="password"]').waitFor({ state: 'detached' });
    const cookies = await page.context().cookies();
    assert.ok(
      cookies.length > 0 && cookies.every((cookie) => cookie.httpOnly && ['Lax', 'Strict'].includes(cookie.sameSite)),
    );
  });
});

test('a site is registered in the admin pages, and its embed code shown', async () => {
  await visit({}, async (page) => {
    await signIn(page);
    await page.getByRole('link', { name: names.sites }).first().click();
    await page.getByRole('textbox', { name: names.siteName }).first().fill('second');
    await page.getByRole('textbox', { name: names.origins }).first().fill('https://second.example');
    await press(page, names.register);
    await page.getByText('/embed.js').first().waitFor();
  });
});

test('approve, spam, delete, and undo', async () => {
  const page_ = host.article('decide');
  const [good, bad, gone] = await Promise.all(
    ['Thank you for this.', 'Buy now', 'Please remove me'].map(
      async (text) => (await server.post(page_, { text })).comment.id,
    ),
  );
  assert.deepEqual(await visible('decide'), []);
  await visit({}, async (page) => {
    await signIn(page);
    await row(page, good).waitFor();
    await press(row(page, good), names.approve);
    await eventually(async () => (await visible('decide')).includes(good), 'approved comments are public');

    await row(page, bad).waitFor();
    await press(row(page, bad), names.spam);
    await page.getByRole('button', { name: names.undo }).first().waitFor();
    await press(page, names.undo);
    await row(page, bad).waitFor();
    await press(row(page, bad), names.spam);

    await row(page, gone).waitFor();
    await press(row(page, gone), names.remove);
    await eventually(async () => (await row(page, gone).count()) === 0, 'deleted comments leave the queue');
    assert.deepEqual(await visible('decide'), [good]);
  });
});

test('the queue works from the keyboard', async () => {
  const page_ = host.article('keys');
  const ids = [];
  for (const text of ['One', 'Two', 'Three']) ids.push((await server.post(page_, { text })).comment.id);
  await visit({}, async (page) => {
    await signIn(page);
    for (const id of ids) await row(page, id).waitFor();
    const current = () => page.evaluate(() => document.activeElement?.closest('[id^="item-"]')?.id);
    await page.keyboard.press('j');
    const first = await current();
    assert.ok(first, '`j` goes to a comment');
    await page.keyboard.press('j');
    assert.notEqual(await current(), first);
    await page.keyboard.press('k');
    assert.equal(await current(), first);
    const id = Number(first.slice('item-'.length));
    await page.keyboard.press('a');
    await eventually(async () => (await visible('keys')).includes(id), '`a` approves');
    await page.getByRole('button', { name: names.undo }).waitFor();
    await page.keyboard.press('z');
    await eventually(async () => !(await visible('keys')).includes(id), '`z` takes it back');
  });
});

test('a key pressed twice decides one comment', async () => {
  const page_ = host.article('twice');
  const ids = [];
  for (const text of ['One', 'Two']) ids.push((await server.post(page_, { text })).comment.id);
  await visit({}, async (page) => {
    await signIn(page);
    for (const id of ids) await row(page, id).waitFor();
    // The decision is sent at once, its response is delayed: a second press is possible.
    let decisions = 0;
    await page.route('**/status', async (route) => {
      decisions++;
      const answer = await route.fetch({ maxRedirects: 0 });
      await new Promise((done) => setTimeout(done, 500));
      await route.fulfill({ response: answer }).catch(() => {});
    });
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    await eventually(async () => (await visible('twice')).length === 1, 'one is approved');
    await page.keyboard.press('a');
    await page.getByRole('button', { name: names.undo }).waitFor();
    assert.equal((await visible('twice')).length, 1);
    assert.equal(decisions, 1);
  });
});

test('the queue works without scripts', async () => {
  const { comment } = await server.post(host.article('plain'), { text: 'Approve me plainly' });
  await visit({ javaScriptEnabled: false }, async (page) => {
    await signIn(page);
    await press(row(page, comment.id), names.approve);
    assert.deepEqual(await visible('plain'), [comment.id]);
  });
});

test('the setup link works once and creates the owner', async () => {
  const fresh = await Server.start({ site: null, owner: null });
  try {
    let link;
    await eventually(
      () => (link = fresh.log.match(/https?:\/\/\S*\/(?:setup|admin)\S*/)?.[0]),
      `no setup link was printed:\n${fresh.log}`,
    );
    await visit({ expected: [/status of 4\d\d/] }, async (page) => {
      await page.goto(link);
      await page.locator('input[name="name"]').fill('first');
      for (const field of await page.locator('input[type="password"]').all()) await field.fill(OWNER.password);
      await page.locator('button[type="submit"], button:not([type])').first().click();
      await page.locator('input[type="password"]').first().waitFor({ state: 'detached' });
      const answer = await page.context().request.get(link, { maxRedirects: 0 });
      assert.ok(answer.status() >= 300, 'the link is used up');
    });
  } finally {
    await fresh.stop();
  }
});

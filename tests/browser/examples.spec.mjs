// The documented HTML, pasted: each example of the widget on a page with the policy that README.md requires.
// tests/examples checks attributes and addresses; switch.spec.mjs and remark42.spec.mjs cover pages made for Isso and
// Remark42.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Host, Server, closeBrowser, request, visit } from './harness.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const documents = ['README.md', 'embed/README.md', 'docs/add-to-your-site.md', 'docs/switch.md'];
const WORDS = 'Smoke calms them.';

let host, server, page;
before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
  page = host.article('posts/tea');
  await server.post(page, { text: WORDS });
});
after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

/** A document's HTML examples that contain a part of the widget. */
async function examples(file) {
  const text = await readFile(path.join(root, file), 'utf8');
  const blocks = [...text.matchAll(/^ *```html\n(.*?)^ *```$/gms)].map(([, body]) => body);
  return blocks
    .filter((body) => /afterword-|\/(embed|count|recent)\.js/.test(body))
    .map((body) =>
      body
        .replaceAll('https://comments.example', server.base)
        .replaceAll(encodeURIComponent('https://blog.example'), encodeURIComponent(host.origin)),
    );
}

/** Loads an example; returns what a reader then sees of it. */
async function shown(example, expected = []) {
  host.tag = example;
  return visit({ expected }, async (tab) => {
    await tab.goto(page, { waitUntil: 'load' });
    const main = tab.locator('main');
    if (example.includes('/embed.js')) {
      await tab.locator('afterword-thread').scrollIntoViewIfNeeded();
      await tab.getByText(WORDS).waitFor({ timeout: 5000 });
    }
    if (example.includes('/recent.js') && example.includes('<afterword-recent'))
      await tab.getByText(WORDS).waitFor({ timeout: 5000 });
    if (example.includes('/count.js') && example.includes('<afterword-count'))
      await main.getByText('1 comment').waitFor({ timeout: 5000 });
    for (const link of await main.locator('a[href*="/thread/"]').all()) {
      const answer = await request(await link.evaluate((one) => one.href));
      assert.equal(answer.status, 200);
    }
    return main.innerText();
  });
}

for (const file of documents) {
  test(`every example of the widget in ${file} works as it is pasted`, async () => {
    const found = await examples(file);
    assert.ok(found.length, `${file} has no example of the widget any more`);
    for (const example of found) await shown(example).catch((error) => assert.fail(`${example}\n${error.message}`));
  });
}

test('control: an example with a misspelt script or site shows nothing', async () => {
  const [good] = await examples('README.md');
  await assert.rejects(shown(good.replace('embed.js', 'embeds.js'), [/404|MIME/]));
  await assert.rejects(shown(good.replace('data-site="blog"', 'data-site="bolg"'), [/404/]));
});

test('a pinned script runs, and one with another hash does not', async () => {
  const tag = await server.command(['site', 'tag', 'blog', '--integrity']);
  assert.match(tag, /integrity="sha384-[A-Za-z0-9+/]{64}"/);
  await shown(tag);
  const other = tag.replace(/sha384-./, (hash) => hash.slice(0, -1) + (hash.endsWith('A') ? 'B' : 'A'));
  await assert.rejects(shown(other, [/integrity|digest/]));
});

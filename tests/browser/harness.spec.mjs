// Controls: the checks that the other suites rely on really fail.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, closeBrowser, normalTree, treeText, visit } from './harness.mjs';

let host;

before(async () => {
  host = await Host.start();
});

after(async () => {
  await closeBrowser();
  await host?.stop();
});

const faults = {
  'an inline style': () => document.body.setAttribute('style', 'color: red'),
  'a style element': () =>
    document.body.append(Object.assign(document.createElement('style'), { textContent: 'p { color: red }' })),
  'a text read as HTML': () => setTimeout(() => (document.body.innerHTML = '<p>x'), 0),
  'an exception': () =>
    setTimeout(() => {
      throw new Error('oh');
    }, 0),
  'a rejected promise': () => void Promise.reject(new Error('oh')),
  'an error on the console': () => console.error('oh'),
  'a picture from elsewhere': () =>
    document.body.append(Object.assign(new Image(), { src: 'https://elsewhere.example/x.png' })),
  'a request to elsewhere': () => void fetch('https://elsewhere.example/').catch(() => {}),
};

for (const [fault, cause] of Object.entries(faults)) {
  test(`control: ${fault} fails a visit`, () =>
    assert.rejects(
      visit({}, async (page) => {
        await page.goto(host.article());
        await page.evaluate(cause);
        await page.waitForTimeout(100);
      }),
      /the browser reported errors/,
    ));
}

test('a page without errors passes', () =>
  visit({}, async (page) => {
    await page.goto(host.article());
    assert.equal(await page.locator('h1').innerText(), 'On keeping bees');
  }));

test('an expected error passes', () =>
  visit({ expected: [/^oh/] }, async (page) => {
    await page.goto(host.article());
    await page.evaluate(() => console.error('oh'));
  }));

test('trees compare by what they show', () => {
  assert.deepEqual(normalTree(['a', 'b', '', ['a', { href: 'x', rel: 'y' }, 'c']]), ['ab', ['a', { href: 'x' }, 'c']]);
  assert.notDeepEqual(normalTree([['em', {}, 'a']]), normalTree([['strong', {}, 'a']]));
  assert.equal(treeText([['p', {}, 'a', ['em', {}, 'b']], 'c']), 'abc');
});

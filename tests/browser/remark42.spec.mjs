// Pages made for Remark42 with one changed host name: its mark-up, configuration, calls and event. Each has a control,
// the same page without our script. Next: switch.spec.mjs covers the other systems.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { comment, open, visit, write } from './harness.mjs';
import { widget as names } from './names.mjs';
import { begin, nothingComes, texts } from './switch-fixture.mjs';

let host, server, show, say, stop;
before(async () => ({ host, server, show, say, stop } = await begin()));
after(() => stop?.());

/** The snippet of Remark42's documentation: its configuration, then one script for each component. */
const remark = (config, { ending = '.mjs', more = '' } = {}) => [
  `var remark_config = ${JSON.stringify({ host: server.base, site_id: 'remark', ...config })};
   window.readies = 0; window.addEventListener('REMARK42::ready', () => window.readies++); ${more}`,
  `(remark_config.components || ['embed']).forEach(function (name) {
     var script = document.createElement('script');
     if ('${ending}' === '.mjs') script.type = 'module'; else script.async = true;
     script.src = remark_config.host + '/web/' + name + '${ending}';
     document.head.appendChild(script);
   });`,
];
const remarkPlace = '<div id="remark42"><p id="meanwhile">Comments are on their way.</p></div>';
const looks = (page, theme) =>
  page.waitForFunction((theme) => {
    const section = document.querySelector('afterword-thread').shadowRoot?.querySelector('section');
    return section && getComputedStyle(section).colorScheme === theme;
  }, theme);
const replyIs = (page, id, word) =>
  comment(page, id).locator('[part~="reply"]').getByText(word, { exact: true }).waitFor();

test('a page made for Remark42 has our thread, from modules and from scripts, and takes comments', async () => {
  for (const ending of ['.mjs', '.js']) {
    const url = `${host.origin}/remark${ending}/`;
    show(
      remarkPlace,
      ...remark({ components: ['embed'], url: `${url}#top`, page_title: `Bees ${ending}` }, { ending }),
    );
    await visit({}, async (page) => {
      const thread = await open(page, host.article('anything'));
      assert.equal(await page.locator('#remark42 > afterword-thread').count(), 1);
      assert.equal(await page.locator('#meanwhile').isVisible(), false);
      assert.equal(await page.evaluate(() => window.readies), 1);
      await write(thread.locator('form'), { name: 'Ada', text: 'Hello.' }, names);
      await thread.locator('article').getByText('Hello.').waitFor();
    });
    const stored = await server.thread(url);
    assert.deepEqual([texts(stored.comments), stored.thread.title], [['Hello.'], `Bees ${ending}`]);
  }
  // Without our script the page shows its own content, and without the element there is nothing.
  show(remarkPlace, remark({})[0]);
  await visit({}, async (page) => {
    await page.goto(host.article('anything'));
    await nothingComes(page);
    assert.equal(await page.locator('#meanwhile').isVisible(), true);
    assert.equal(await page.evaluate(() => window.readies), 0);
  });
  show('', ...remark({}));
  await visit({}, async (page) => {
    await page.goto(host.article('anything'));
    await page.waitForFunction(() => window.readies === 1);
    await nothingComes(page);
  });
});

test('Remark42’s language and the page’s theme are kept, and changeTheme, destroy and createInstance work', async () => {
  const here = await say('here', 'Here.');
  const there = await say('there', 'There.');
  show(
    `<div id="around">${remarkPlace}</div>`,
    ...remark({ theme: 'light', locale: 'ua' }, { more: 'window.early = window.REMARK42;' }),
  );
  await visit({}, async (page) => {
    await open(page, host.article('here'));
    await replyIs(page, here, 'Відповісти');
    assert.equal(await page.evaluate(() => window.early), undefined, 'pages ask for it to know whether it is ready');
    await looks(page, 'light');
    // As a page's own toggle does it: colours first, which the thread follows, then Remark42's call.
    await page.evaluate(() => (document.querySelector('#around').style.color = 'white'));
    await looks(page, 'dark');
    await page.evaluate(() => window.REMARK42.changeTheme('dark'));
    await looks(page, 'dark');
    assert.equal(await page.evaluate(() => window.remark_config.theme), 'dark');
    const drawn = await page
      .locator('afterword-thread')
      .evaluate((one) => getComputedStyle(one.shadowRoot.querySelector('section')).backgroundColor);
    assert.equal(drawn, 'rgba(0, 0, 0, 0)', 'the page shows through');

    // As themes do it after their router has changed the page.
    await page.evaluate((url) => {
      window.REMARK42.destroy();
      window.left = { element: !!document.querySelector('afterword-thread'), ...window.REMARK42 };
      window.second = window.REMARK42.createInstance({
        ...window.remark_config,
        url,
        locale: 'de',
        node: document.body,
      });
      document.querySelector('#remark42').scrollIntoView();
    }, host.article('there'));
    assert.deepEqual(await page.evaluate(() => Object.keys(window.left)), ['element', 'createInstance']);
    assert.equal(await page.evaluate(() => window.left.element), false);
    await replyIs(page, there, 'Antworten');
    assert.equal(await comment(page, here).count(), 0);
    await looks(page, 'dark');

    // Without destroy(), the existing thread shows the other page.
    await page.evaluate((url) => window.REMARK42.createInstance({ url, site_id: 'remark' }), host.article('here'));
    await comment(page, here).waitFor();
    assert.equal(await page.locator('afterword-thread').count(), 1);
    await page.evaluate(() => window.second.destroy());
    assert.equal(await page.locator('afterword-thread').count(), 0);
  });
});

test('Remark42’s counters and its list of last comments are filled', async () => {
  await say('sums', 'One.');
  const last = await say('sums', 'The newest of all.');
  const places = `<span class="remark42__counter" data-url="${host.article('sums')}">?</span><span class="remark42__counter">?</span>
    <div class="remark42__last-comments" data-max="2"></div>`;
  for (const ending of ['.mjs', '.js']) {
    show(places, ...remark({ components: ['counter', 'last-comments'], url: host.article('never') }, { ending }));
    await visit({}, async (page) => {
      await page.goto(host.article('front'));
      await page.waitForFunction(() => document.querySelector('.remark42__counter').textContent !== '?');
      assert.deepEqual(await page.locator('.remark42__counter').allInnerTexts(), ['2', '0']);
      const list = page.locator('.remark42__last-comments afterword-recent');
      await list.getByText('The newest of all.').waitFor();
      assert.equal(await list.locator('[part~="item"]').count(), 2);
      assert.equal(await list.locator(`a[href$="#comment-${last}"]`).count(), 1);
    });
  }
  show(places, remark({})[0]);
  await visit({}, async (page) => {
    await page.goto(host.article('front'));
    await page.waitForTimeout(400);
    assert.deepEqual(await page.locator('.remark42__counter').allInnerTexts(), ['?', '?']);
    assert.equal(await page.locator('.remark42__last-comments').innerText(), '');
  });
});

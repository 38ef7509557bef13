// The appearance with special preferences: right to left, forced colours, reduced motion, dark, and without a shadow
// root.
import assert from 'node:assert/strict';
import { widget as names } from '../../names.mjs';
import { article } from '../fixture.mjs';

const scheme = (reader) => reader.evaluate(() => getComputedStyle(probe.root().querySelector('section')).colorScheme);
const becomes = (reader, wanted, why) =>
  reader.until(
    `${wanted}, for ${why}`,
    (wanted) => getComputedStyle(probe.root().querySelector('section')).colorScheme === wanted,
    wanted,
  );

async function opened(fixture, slug, page, engine) {
  const url = fixture.pages.put(slug, article({ thread: fixture.tag, ...page }));
  const { comment } = await fixture.server.post(url, {
    text: 'A comment of *some* length, so that there is something to look at.',
    name: 'Bea',
  });
  await fixture.server.post(url, { text: 'And a reply.', parent: comment.id });
  const reader = await fixture.reader(engine);
  await reader.open(url);
  await reader.find({ css: `#comment-${comment.id}` });
  return { reader, url, id: comment.id };
}

/** In another browser of the same kind, started for one scenario. */
async function dressed(fixture, look, run) {
  const engine = await fixture.Engine.start(look);
  try {
    await run(engine);
    for (const reader of fixture.readers.splice(0)) {
      await reader.quiet();
      await reader.tab.close();
    }
  } finally {
    await engine.stop();
  }
}

export default [
  {
    name: 'a page from right to left',
    async run(fixture) {
      const { reader, id } = await opened(fixture, '/rtl/', { root: 'lang="ar" dir="rtl"' });
      const { dir, lang, avatar, body, overflow } = await reader.evaluate((id) => {
        const comment = probe.root().querySelector(`#comment-${id}`);
        const section = probe.root().querySelector('section');
        return {
          dir: getComputedStyle(section).direction,
          lang: section.lang,
          avatar: comment.querySelector('.avatar').getBoundingClientRect().left,
          body: comment.querySelector('[part~="body"]').getBoundingClientRect().right,
          overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        };
      }, id);
      assert.deepEqual([dir, lang], ['rtl', 'ar']);
      assert.ok(avatar >= body, `the picture stands to the right of the text: ${avatar}, ${body}`);
      assert.equal(overflow, 0);
      await reader.click({ css: 'textarea' });
      await reader.find({ css: 'form button[part~="primary"]' });
      await reader.picture('rtl');
    },
  },
  {
    name: 'forced colours',
    async run(fixture) {
      if (!fixture.Engine.looks.includes('forced')) return 'no forced colours';
      await dressed(fixture, 'forced', async (engine) => {
        const { reader } = await opened(fixture, '/forced/', {}, engine);
        assert.equal(await reader.evaluate(() => matchMedia('(forced-colors: active)').matches), true);
        await reader.click({ css: 'textarea' });
        await reader.find({ css: 'button', name: names.post });
        const bare = await reader.evaluate(() =>
          probe
            .find({ css: '.button, textarea, input' })
            .filter((one) => {
              const { borderTopWidth, borderTopStyle, borderTopColor, backgroundColor, color } = getComputedStyle(one);
              return (
                !parseFloat(borderTopWidth) ||
                borderTopStyle === 'none' ||
                borderTopColor === backgroundColor ||
                color === backgroundColor
              );
            })
            .map((one) => one.outerHTML.slice(0, 100)),
        );
        assert.deepEqual(bare, [], 'every field and button has a border and a text that can be seen');
        await reader.picture('forced');
      });
      return undefined;
    },
  },
  {
    name: 'reduced motion',
    async run(fixture) {
      await dressed(fixture, 'reduced', async (engine) => {
        const { reader, id } = await opened(fixture, '/still/', {}, engine);
        assert.equal(await reader.evaluate(() => matchMedia('(prefers-reduced-motion: reduce)').matches), true);
        await reader.click({ css: 'button', name: names.reply, within: { css: `#comment-${id}` } });
        await reader.find({ css: 'form:focus-within button', name: names.post });
        const moving = await reader.evaluate(() =>
          document
            .getAnimations()
            .filter((one) => one.effect.getComputedTiming().duration > 0)
            .map((one) => one.animationName ?? one.transitionProperty),
        );
        assert.deepEqual(moving, []);
      });
    },
  },
  {
    name: 'a draft survives a reload, a cancelled edit does not',
    async run(fixture) {
      const { reader, id } = await opened(fixture, '/draft/');
      await reader.click({ css: 'textarea' });
      await reader.type('To be continued');
      await reader.click({ css: 'button', name: names.reply, within: { css: `#comment-${id}` } });
      await reader.find({ css: 'form:focus-within button', name: names.post });
      await reader.type('This too');
      await reader.reload();
      await reader.until('the text', () => probe.root().querySelector('textarea')?.value === 'To be continued');
      await reader.click({ css: 'button', name: names.reply, within: { css: `#comment-${id}` } });
      await reader.until(
        'the reply',
        (id) => probe.root().querySelector(`#comment-${id} textarea`)?.value === 'This too',
        id,
      );

      await reader.write({ text: '' }, { within: { css: 'form' } });
      const mine = { css: 'article', has: 'To be continued' };
      await reader.click({ css: 'button', name: names.edit, within: mine });
      await reader.find({ css: 'form:focus-within textarea' });
      await reader.key('End');
      await reader.type(', or not');
      await reader.click({ css: 'button', name: /^Cancel/, within: { css: 'form:focus-within' } });
      await reader.gone({ css: 'form:focus-within' });
      await reader.reload();
      await reader.click({ css: 'button', name: names.edit, within: mine });
      await reader.find({ css: 'form:focus-within textarea' });
      assert.equal(
        await reader.evaluate(() => probe.root().querySelector('form:focus-within textarea').value),
        'To be continued',
      );
    },
  },
  {
    name: 'without a shadow root, and with one',
    async run(fixture) {
      const { pages } = fixture;
      pages.files.set(
        '/letters.js',
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('afterword-thread .author { letter-spacing: 3px }'); document.adoptedStyleSheets.push(sheet);",
      );
      const head = '<script src="/letters.js"></script>';
      const spacing = (reader) =>
        reader.evaluate(() => getComputedStyle(probe.root().querySelector('.author')).letterSpacing);
      const light = await opened(fixture, '/light/', {
        head,
        thread: fixture.tag.replace(' data-site', ' data-render="light" data-site'),
      });
      assert.equal(await light.reader.evaluate(() => !!probe.thread().shadowRoot), false);
      assert.equal(await spacing(light.reader), '3px');
      await light.reader.write({ text: 'In the light.' });
      await light.reader.evaluate(() => scrollTo(0, 0));
      await light.reader.picture('light');
      const { outside, inside } = await light.reader.evaluate(() => ({
        outside: getComputedStyle(document.querySelector('article > p')).marginBlockStart,
        inside: getComputedStyle(probe.root().querySelector('.avatar')).borderRadius,
      }));
      assert.equal(inside, '50%', 'our rules reach what is ours');
      const shadow = await opened(fixture, '/shadow/', { head });
      assert.equal(await shadow.reader.evaluate(() => !!probe.thread().shadowRoot), true);
      assert.equal(await spacing(shadow.reader), 'normal', 'a page’s rules end at the shadow root');
      assert.equal(
        await shadow.reader.evaluate(() => getComputedStyle(document.querySelector('article > p')).marginBlockStart),
        outside,
        'and ours do not leave the element',
      );
    },
  },
  {
    name: 'a page’s own toggle between light and dark',
    async run(fixture) {
      const { reader } = await opened(fixture, '/switch/');
      assert.equal(await scheme(reader), 'light');
      for (const [what, set, unset] of [
        [
          'a class of <html>',
          () => document.documentElement.classList.add('dark'),
          () => document.documentElement.classList.remove('dark'),
        ],
        [
          'data-theme',
          () => (document.documentElement.dataset.theme = 'dark'),
          () => (document.documentElement.dataset.theme = 'light'),
        ],
        ['a class of <body>', () => document.body.classList.add('dark'), () => document.body.classList.remove('dark')],
      ]) {
        await reader.evaluate(set);
        await becomes(reader, 'dark', what);
        await reader.evaluate(unset);
        if (what !== 'a class of <html>') await reader.evaluate(() => delete document.documentElement.dataset.theme);
        await becomes(reader, 'light', what);
      }
      await reader.evaluate(() => document.documentElement.classList.add('dark'));
      await becomes(reader, 'dark', 'a class of <html>');
      await reader.click({ css: 'textarea' });
      await reader.find({ css: 'button', name: names.post });
      await reader.picture('dark');
    },
  },
];

// Sites of real generators with one changed line, the host of their comments: readers see our thread, post in it, and
// find it again. Screenshots: ../out/sites.
// Next: site.mjs builds them; ../browser/switch.spec.mjs tests each promise separately.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { closeBrowser, open, visit, write } from '../browser/harness.mjs';
import { widget as names } from '../browser/names.mjs';
import { Site } from './site.mjs';

const out = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../out/sites');
await mkdir(out, { recursive: true });
after(closeBrowser);

/** Resources that a site lacks without the internet, or without an owner's image, do not matter. */
const elsewhere = /(net::ERR_FAILED at https?:\/\/(?!127\.)|\/img\/favicon\.png$)/;
const picture = (page, name) => page.screenshot({ path: path.join(out, `${name}.png`), fullPage: true });
const comments = (page) => page.locator('afterword-thread article');
/** The background of the thread's controls: a light page need not set color-scheme. */
const scheme = (page) =>
  page
    .locator('afterword-thread')
    .evaluate((one) =>
      getComputedStyle(one.shadowRoot.querySelector('option')).backgroundColor === 'rgb(255, 255, 255)'
        ? 'light'
        : 'dark',
    );
const eventually = async (page, wanted, read) => {
  for (let attempt = 0; attempt < 60 && (await read()) !== wanted; attempt++) await page.waitForTimeout(50);
  assert.equal(await read(), wanted);
};

/** Every site: nothing without the server, then a comment that stays. */
async function tour(name, site, { article, place }) {
  const url = `${site.origin}${article}`;
  await visit({ expected: [elsewhere, /ERR_FAILED/, /^Event$/] }, async (page, context) => {
    await Site.offline(context);
    await context.route(`${site.comments.base}/**`, (route) => route.abort());
    await page.goto(url);
    await page.waitForTimeout(500);
    assert.equal(await page.locator(place).count(), 1, 'the theme has its place for comments');
    assert.equal(await page.locator('afterword-thread').count(), 0, 'and what fills it comes from our server');
  });
  await visit({ expected: [elsewhere], locale: 'en-GB' }, async (page, context) => {
    await Site.offline(context);
    const thread = await open(page, url);
    assert.equal(await page.locator(`${place} > afterword-thread`).count(), 1);
    await picture(page, `${name}-empty`);
    await write(
      thread.locator('form'),
      {
        name: 'Ada',
        text: 'We had a swarm in the *pear tree*, too.\n\n> for an hour nobody did anything\n\nHow did you get it down?',
      },
      names,
    );
    await comments(page).getByText('pear tree').waitFor();
    await comments(page).getByRole('button', { name: names.reply }).click();
    await write(page.locator('form:focus-within'), { text: 'With a ladder, a basket, and `some` courage.' }, names);
    await comments(page).nth(1).waitFor();
    await page.waitForTimeout(500);
    await picture(page, `${name}-written`);
  });
  await visit(
    { expected: [elsewhere], locale: 'en-GB', viewport: { width: 375, height: 812 } },
    async (page, context) => {
      await Site.offline(context);
      await open(page, url);
      await eventually(page, 2, () => comments(page).count());
      await picture(page, `${name}-phone`);
      assert.equal(
        await page.evaluate(() => document.documentElement.scrollWidth > innerWidth),
        false,
        'nothing is wider than the phone',
      );
    },
  );
  const stored = await site.comments.thread(url);
  assert.deepEqual([stored.thread.count, stored.thread.title], [2, 'On keeping bees']);
}

/** Front pages with counts: the texts of their links. */
async function counted(site, selector, wanted) {
  await visit({ expected: [elsewhere], locale: 'en-GB' }, async (page, context) => {
    await Site.offline(context);
    await page.goto(`${site.origin}/`);
    for (const [n, words] of wanted.entries())
      await eventually(page, words, () => page.locator(selector).nth(n).textContent());
  });
}

/** Themes that change the page without a reload. */
async function changed(site, { article, other, link, name }) {
  await visit({ expected: [elsewhere], locale: 'en-GB' }, async (page, context) => {
    await Site.offline(context);
    let loads = 0;
    page.on('load', () => loads++);
    await open(page, `${site.origin}${article}`);
    await eventually(page, 2, () => comments(page).count());
    await page.locator(link).first().click();
    await page.waitForURL(`${site.origin}${other}`);
    const thread = page.locator('afterword-thread');
    await thread.waitFor({ state: 'attached' });
    await thread.evaluate((one) => one.scrollIntoView());
    await eventually(page, 0, () => comments(page).count());
    await thread.locator('section:not([aria-busy])').waitFor();
    await write(thread.locator('form'), { name: 'Bo', text: 'Mine live in the letter box.' }, names);
    await eventually(page, 1, () => comments(page).count());
    await picture(page, `${name}-other`);
    await page.goBack();
    await page.waitForURL(`${site.origin}${article}`);
    await page.locator('afterword-thread').evaluate((one) => one.scrollIntoView());
    await eventually(page, 2, () => comments(page).count());
    assert.equal(await page.locator('afterword-thread').count(), 1);
    assert.equal(loads, 1, 'the page was loaded once');
  });
  const { thread } = await site.comments.thread(`${site.origin}${other}`);
  assert.deepEqual([thread.count, thread.title], [1, 'On not keeping wasps']);
}

async function trying(context, generator, options, body) {
  const site = await Site.build(generator, options);
  try {
    context.diagnostic(`changed: ${site.changed}`);
    await body(site);
  } finally {
    await site.stop();
  }
}

test('hugo: the partial of Isso’s documentation', (context) =>
  trying(context, 'hugo', { files: ['hugo.toml'] }, async (site) => {
    await tour('hugo', site, { article: '/posts/bees/', place: '#isso-thread' });
    await counted(site, 'a[href$="#isso-thread"]', ['2 thoughts', '0 thoughts']);
    await visit({ colorScheme: 'dark' }, async (page) => {
      await open(page, `${site.origin}/posts/bees/`);
      await eventually(page, 'dark', () => scheme(page));
      await picture(page, 'hugo-dark');
    });
  }));

test('hexo with NexT, which has Isso built in, and pjax', (context) =>
  trying(context, 'hexo', { theme: 'next', files: ['_config.next.yml'] }, async (site) => {
    await tour('next', site, { article: '/bees/', place: '#isso-thread' });
    await changed(site, { name: 'next', article: '/bees/', other: '/wasps/', link: '.post-nav a[href="/wasps/"]' });
  }));

// Without pjax: with it, the theme passes the address of the page that is being left.
test('hexo with Butterfly, which has Remark42 built in', (context) =>
  trying(context, 'hexo', { theme: 'butterfly', files: ['_config.butterfly.yml'] }, async (site) => {
    await tour('butterfly', site, { article: '/bees/', place: '#remark42' });
    await counted(site, '.remark42__counter', ['2', '0']);
    await visit({ expected: [elsewhere] }, async (page, context) => {
      await Site.offline(context);
      await open(page, `${site.origin}/bees/`);
      await eventually(page, 'light', () => scheme(page));
      await page.locator('#darkmode').evaluate((button) => button.click());
      await eventually(page, 'dark', () => scheme(page));
      await page.waitForTimeout(500);
      await picture(page, 'butterfly-dark');
    });
  }));

test('nikola, which has Isso built in', (context) =>
  trying(context, 'nikola', { files: ['conf.py'] }, async (site) => {
    await tour('nikola', site, { article: '/posts/bees/', place: '#isso-thread' });
    await counted(site, 'a[href$="#isso-thread"]', ['2 thoughts', '0 thoughts']);
  }));

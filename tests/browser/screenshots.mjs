// Screenshots of all that readers and moderators see: `node screenshots.mjs FOLDER`.
// Seeds a thread of 59 comments, and prints for each whether its rendered text equals the data.
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Host, OWNER, Server, browser, closeBrowser, comment, misread, open, unfold, write } from './harness.mjs';
import { admin, widget as names } from './names.mjs';

const out = process.argv[2];
if (!out) {
  console.error('usage: node screenshots.mjs FOLDER');
  process.exit(2);
}
await mkdir(out, { recursive: true });

const data = JSON.parse(
  await readFile(path.join(path.dirname(fileURLToPath(import.meta.url)), 'data/fifty-nine.json'), 'utf8'),
);
const WIDTHS = { phone: { width: 375, height: 812 }, desk: { width: 1280, height: 900 } };

/** One secret per author, so that the avatar stays the same. */
const reader = (name) => Buffer.from(name.padEnd(24, '-')).toString('base64url').slice(0, 64);

/** A fresh page for one or several screenshots; takes one also when a step fails, to show where. */
async function picture(name, { size = 'desk', ...options }, steps) {
  const context = await (await browser()).newContext({ viewport: WIDTHS[size], ...options });
  context.setDefaultTimeout(8000);
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && console.log(`  ${name}: ${message.text()}`));
  const take = (suffix = '') => page.screenshot({ path: path.join(out, `${name}${suffix}.png`), fullPage: true });
  try {
    await steps(page, take);
    await take();
    console.log(`${name}.png`);
  } catch (error) {
    await take('-failed').catch(() => {});
    console.log(`${name}: ${error.message.split('\n')[0]}`);
    process.exitCode = 1;
  } finally {
    await context.close();
  }
}

/** Draws all of a thread, also what is out of view. */
async function whole(page, url) {
  await open(page, url);
  await page.locator('afterword-thread article').first().waitFor();
  await unfold(page);
}

const host = await Host.start();
const server = await Server.start({ origin: host.origin });
const otherHost = await Host.start();
const empty = await Server.start({ site: null, owner: null });
const strict = await Server.start({ origin: otherHost.origin, settings: ['moderation=all'] });
host.show(server);
otherHost.show(strict);
try {
  const article = host.article('bees');
  const ids = {};
  for (const { n, parent, name, website, text } of data) {
    ids[n] = (
      await server.post(article, { parent: parent && ids[parent], name, website, text, reader: reader(name) })
    ).comment.id;
  }
  for (const { n, parent, name, website, text } of data.slice(0, 12)) {
    if (!parent)
      await strict.post(otherHost.article(`bees-${n}`), {
        name,
        website,
        text,
        email: 'reader@example.org',
        reader: reader(name),
      });
  }

  // Checks that every comment reads as it was written.
  await picture('thread-light-desk', {}, async (page) => {
    await whole(page, article);
    const wrong = await misread(page, data, ids);
    for (const one of wrong) {
      process.exitCode = 1;
      console.log(`comment ${one.n} differs:`, one);
    }
    console.log(`${data.length - wrong.length} of ${data.length} comments read as they were written`);
  });

  for (const size of Object.keys(WIDTHS)) {
    for (const look of ['', 'dark', 'rtl', 'dark rtl']) {
      const name = `thread-${look.replace(' ', '-') || 'light'}-${size}`;
      if (name === 'thread-light-desk') continue;
      host.look = look;
      await picture(name, { size }, (page) => whole(page, article));
    }
    for (const look of ['', 'dark']) {
      const suffix = `${look || 'light'}-${size}`;
      host.look = otherHost.look = look;
      const form = (page) => page.locator('afterword-thread form').first();

      await picture(`empty-${suffix}`, { size }, async (page) => {
        await open(page, host.article('empty'));
        await page.locator('afterword-thread').getByText(names.empty).first().waitFor();
      });
      await picture(`writing-${suffix}`, { size }, async (page) => {
        await open(page, host.article('empty'));
        await form(page).getByRole('textbox', { name: names.text }).click();
        await form(page).getByRole('textbox', { name: names.text }).fill('I had one thing to add about **smoke**…');
      });
      await picture(`reply-${suffix}`, { size }, async (page) => {
        await whole(page, article);
        await comment(page, ids[1]).getByRole('button', { name: names.reply }).click();
        await page.locator('form:focus-within').waitFor();
      });
      await picture(`held-${suffix}`, { size }, async (page) => {
        await open(page, otherHost.article(`held-${suffix}`));
        await write(form(page), { name: 'Ada', text: 'My first comment here. Be kind :-)' }, names);
        await page.locator('afterword-thread').getByText(names.held).first().waitFor();
      });
      await picture(`error-${suffix}`, { size }, async (page) => {
        await whole(page, article);
        await write(form(page), { name: '', text: ' ' }, names);
        await page.locator('afterword-thread [aria-invalid="true"]').first().waitFor();
      });
      await picture(`deleted-${suffix}`, { size }, async (page) => {
        const slug = `deleted-${suffix}`;
        await server.post(host.article(slug), { text: 'Somebody else was here before.' });
        await open(page, host.article(slug));
        await write(form(page), { name: 'Ada', text: 'On second thoughts…' }, names);
        await page
          .locator('afterword-thread article')
          .filter({ hasText: 'On second' })
          .getByRole('button', { name: names.remove })
          .click();
        await page.getByRole('button', { name: names.undo }).waitFor();
      });
      await picture(`known-${suffix}`, { size }, async (page) => {
        const slug = `known-${suffix}`;
        await open(page, host.article(slug));
        await write(form(page), { name: 'Ada', text: 'My first one.' }, names);
        await page.locator('afterword-thread article').first().waitFor();
        await open(page, host.article(slug));
        await form(page).getByRole('textbox', { name: names.text }).click();
        await form(page).getByRole('button', { name: names.post }).waitFor();
      });
      await picture(`offline-${suffix}`, { size }, async (page) => {
        await open(page, host.article('empty'));
        await page.route('**/comments', (route) => route.abort());
        await write(form(page), { name: 'Ada', text: 'Written in a train, in a tunnel.' }, names);
        await page.locator('afterword-thread [role="alert"]').filter({ hasText: /\S/ }).first().waitFor();
      });
      await picture(`failed-${suffix}`, { size }, async (page) => {
        await page.route('**/thread?*', (route) => route.abort());
        await page.goto(article);
        await page.evaluate(() => document.querySelector('afterword-thread').scrollIntoView());
        await page.getByRole('button', { name: names.retry }).waitFor();
      });
      // Collapsed, unread, just arrived, and the preview of a parent: what enhancements.js adds.
      await picture(`later-${suffix}`, { size }, async (page, take) => {
        const slug = host.article(`later-${suffix}`);
        let above = (await server.post(slug, { name: 'Ann', text: 'A conversation that goes on and on.' })).comment.id;
        const first = above;
        for (let n = 0; n < 8; n++)
          above = (await server.post(slug, { name: n % 2 ? 'Ann' : 'Bert', text: `And on: ${n}.`, parent: above }))
            .comment.id;
        const folded = (await server.post(slug, { name: 'Cleo', text: 'Something else.' })).comment.id;
        await server.post(slug, { name: 'Dan', text: 'Hidden below it.', parent: folded });
        await open(page, slug);
        await comment(page, folded).locator('[part="action fold"]').click();
        await page.goto('about:blank');
        await server.post(slug, { name: 'Eve', text: 'Written while you were away.', parent: first });
        await open(page, slug);
        await page.locator('afterword-thread [part="unread"]').first().waitFor();
        await server.post(slug, { name: 'Finn', text: 'Just now.' });
        await page.locator('afterword-thread [part="button new"]').waitFor();
        await comment(page, above).locator('.to a').hover();
        await page.locator('afterword-thread [part="peek"]').waitFor();
        await take('-peek');
        await page.mouse.move(0, 0);
        await comment(page, first)
          .locator('[part~="body"] p')
          .first()
          .evaluate((node) => getSelection().selectAllChildren(node));
        await page.locator('afterword-thread [part="button quote"]').waitFor();
        await take('-quote');
        await page.evaluate(() => getSelection().removeAllRanges());
        await page.evaluate(
          (theme) => document.querySelector('afterword-thread').setAttribute('theme', theme),
          look ? 'light' : 'dark',
        );
        await page.waitForTimeout(800);
      });
    }
    host.look = otherHost.look = '';

    for (const colorScheme of ['light', 'dark']) {
      await picture(`page-${colorScheme}-${size}`, { size, colorScheme, javaScriptEnabled: false }, (page) =>
        page.goto(`${server.base}/thread/${server.site}?page=${encodeURIComponent(article)}`),
      );
      for (const lang of ['de', 'ar', 'ja']) {
        await picture(`page-${lang}-${colorScheme}-${size}`, { size, colorScheme, javaScriptEnabled: false }, (page) =>
          page.goto(`${server.base}/thread/${server.site}?page=${encodeURIComponent(article)}&lang=${lang}`),
        );
      }
      await picture(`admin-sign-in-${colorScheme}-${size}`, { size, colorScheme }, (page) =>
        page.goto(`${strict.base}/admin`),
      );
      await picture(`admin-queue-${colorScheme}-${size}`, { size, colorScheme }, async (page, take) => {
        await page.goto(`${strict.base}/admin`);
        await page.locator('input[name="name"]').fill(OWNER.name);
        await page.locator('input[name="password"]').fill(OWNER.password);
        await page.getByRole('button', { name: admin.signIn }).click();
        await page.locator('input[name="password"]').waitFor({ state: 'detached' });
        const links = await page
          .locator('nav a[href*="/admin"]')
          .evaluateAll((found) => found.map((link) => link.href));
        const first = page.url();
        for (const link of new Set(links)) {
          if (link === first) continue;
          await page.goto(link);
          await take(
            `-${(new URL(link).pathname + new URL(link).search).replaceAll(/[/?=]/g, '-').replace(/^-admin-?/, '') || 'start'}`,
          );
        }
        await page.goto(first);
      });
    }
  }
  // The page at the root, with its demo, as a first visitor sees it.
  for (const colorScheme of ['light', 'dark']) {
    for (const size of Object.keys(WIDTHS)) {
      await picture(`home-${colorScheme}-${size}`, { size, colorScheme }, async (page) => {
        await page.goto(empty.base);
        const demo = page.locator('afterword-thread');
        await demo.scrollIntoViewIfNeeded();
        await demo.locator('section:not([aria-busy])').waitFor();
        await unfold(page);
      });
    }
  }
  await picture('thread-print', {}, async (page) => {
    await page.emulateMedia({ media: 'print' });
    await whole(page, article);
  });
  await picture('thread-forced-colours', { forcedColors: 'active' }, (page) => whole(page, article));
} finally {
  await closeBrowser();
  await Promise.all([empty.stop(), server.stop(), strict.stop(), host.stop(), otherHost.stop()]);
}

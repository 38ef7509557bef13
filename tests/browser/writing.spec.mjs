// Writing: the toolbar, quotations, author fields, what is sent, and undoing it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, Server, closeBrowser, comment, flat, open, request, treeText, visit, write } from './harness.mjs';
import { widget as names } from './names.mjs';

let host;
let server;

before(async () => {
  host = await Host.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
});

after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

const form = (page) => page.locator('afterword-thread form').first();
const article = (page, text) => page.locator('afterword-thread article').filter({ hasText: text });
const stored = async (slug) => flat((await server.thread(host.article(slug))).comments);

/** Opens the main form of an article and returns its text area. */
async function writing(page, slug) {
  await open(page, host.article(slug));
  const area = form(page).getByRole('textbox', { name: names.text });
  await area.click();
  await form(page).getByRole('button', { name: names.post }).waitFor();
  return area;
}

const select = (area, from, to) => area.evaluate((text, [from, to]) => text.setSelectionRange(from, to), [from, to]);

test('the toolbar puts markers around the selection, and the browser undoes them', async () => {
  await visit({}, async (page) => {
    const area = await writing(page, 'tools');
    const press = async (name, text, from, to) => {
      await area.fill(text);
      await select(area, from, to);
      await form(page).getByRole('button', { name, exact: true }).click();
      return area.inputValue();
    };
    assert.equal(await press('Bold', 'one two', 4, 7), 'one **two**');
    await page.keyboard.press('Control+z');
    assert.equal(await area.inputValue(), 'one two', 'undone as typing is');
    await select(area, 4, 7);
    await page.keyboard.press('Control+b');
    assert.equal(await area.inputValue(), 'one **two**');
    await page.keyboard.press('Control+b');
    assert.equal(await area.inputValue(), 'one two', 'the same key takes it away again');
    assert.equal(await press('Italic', 'one two', 0, 3), '*one* two');
    assert.equal(await press('Code', 'one two', 0, 3), '`one` two');
    assert.equal(await press('Code', 'one\ntwo', 0, 7), '```\none\ntwo\n```');
    assert.equal(await press('Quote', 'one\ntwo', 1, 5), '> one\n> two');
    assert.equal(await press('Link', 'one two', 4, 7), 'one [two](https://)');
    await page.keyboard.type('x.example');
    assert.equal(await area.inputValue(), 'one [two](x.example)', 'the address is selected');
    assert.equal(await press('Link', 'https://x.example/', 0, 18), '[](https://x.example/)');
  });
});

test('the toolbar is one tab stop, with arrow keys within', async () => {
  await visit({}, async (page) => {
    const area = await writing(page, 'stops');
    await area.press('Tab');
    const focused = () =>
      page.evaluate(
        () =>
          document.activeElement.shadowRoot.activeElement.getAttribute('aria-label') ||
          document.activeElement.shadowRoot.activeElement.name,
      );
    assert.equal(await focused(), 'Bold');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(), 'Link');
    await page.keyboard.press('End');
    assert.equal(await focused(), 'Quote');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(), 'Bold');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'name');
    await page.keyboard.press('Shift+Tab');
    assert.equal(await focused(), 'Bold');
  });
});

test('a name is entered once, and can be changed', async () => {
  await visit({}, async (page) => {
    await open(page, host.article('names'));
    await write(form(page), { name: 'Ada', text: 'The first of mine.' }, names);
    await article(page, 'The first of mine.').waitFor();
    const area = await writing(page, 'names');
    const field = form(page).getByRole('textbox', { name: names.name });
    assert.equal(await field.count(), 0, 'no field in sight');
    await form(page).getByText('You are writing as Ada.').waitFor();
    await area.fill('The second of mine.');
    await form(page).getByRole('button', { name: 'Edit' }).click();
    await field.fill('Ada L.');
    await form(page).getByRole('button', { name: names.post }).click();
    await article(page, 'The second of mine.').waitFor();
    assert.deepEqual(
      (await stored('names')).map((one) => one.author.name),
      ['Ada', 'Ada L.'],
    );
  });
});

test('a page can refuse a comment before it is sent', async () => {
  await visit({}, async (page) => {
    const area = await writing(page, 'say');
    await page.evaluate(() => {
      window.asked = [];
      document.addEventListener('afterword:before-submit', (event) => {
        window.asked.push(event.detail);
        if (event.detail.text.includes('forbidden')) event.preventDefault();
      });
    });
    await form(page).getByRole('textbox', { name: names.name }).fill('Ada');
    await area.fill('This is forbidden here.');
    await area.press('Control+Enter');
    await page.waitForFunction(() => window.asked.length === 1);
    await page.waitForTimeout(200);
    assert.equal((await stored('say')).length, 0);
    assert.equal(await area.inputValue(), 'This is forbidden here.');
    await area.fill('This is not.');
    await area.press('Control+Enter');
    await article(page, 'This is not.').waitFor();
    assert.deepEqual(await page.evaluate(() => window.asked[1]), { parent: null, text: 'This is not.', name: 'Ada' });
  });
});

test('a deleted comment can be restored during the delay', async () => {
  await visit({}, async (page) => {
    await open(page, host.article('undo'));
    await write(form(page), { name: 'Ada', text: 'Take this back.' }, names);
    await page.locator('afterword-thread article').filter({ hasText: 'Take this back.' }).waitFor();
    const [{ id }] = await stored('undo');
    await comment(page, id).getByRole('button', { name: names.remove }).click();
    await page
      .locator('afterword-thread [role="status"]')
      .filter({ hasText: 'Your comment was deleted.' })
      .waitFor({ state: 'attached' });
    await comment(page, id).getByText('Take this back.').waitFor({ state: 'hidden' });
    const undo = comment(page, id).getByRole('button', { name: names.undo });
    assert.ok(await undo.evaluate((one) => one.getRootNode().activeElement === one), 'the focus is on the way back');
    await undo.click();
    await comment(page, id).getByText('Take this back.').waitFor();
    await page.waitForTimeout(10_000);
    assert.equal((await stored('undo')).length, 1, 'and nothing was deleted later');
  });
});

test('characters are counted only near the end', async () => {
  await visit({}, async (page) => {
    const area = await writing(page, 'count');
    await area.fill('x'.repeat(8_900));
    assert.equal(
      await form(page)
        .getByText(/characters? left/)
        .count(),
      0,
    );
    await area.fill('x'.repeat(9_999));
    await form(page).getByText('One character left').waitFor();
    await area.fill('x'.repeat(10_002));
    await form(page).getByText('longer than the 10,000 characters').waitFor();
  });
});

/** A comment by Bo in the page, and its edit form with `text` typed into it. */
async function editing(page, slug, text) {
  await writing(page, slug);
  await write(form(page), { name: 'Bo', text: 'As it was.' }, names);
  const mine = page.locator('afterword-thread article').first();
  await mine.getByText('As it was.').waitFor();
  await mine.getByRole('button', { name: names.edit }).click();
  await mine.getByRole('textbox', { name: names.text }).fill(text);
  return mine;
}

/** The newest comment is edited elsewhere, as by a moderator: through the server, not by this page. */
async function elsewhere(page, slug, text) {
  const { id } = (await stored(slug)).at(-1);
  const token = await page.evaluate((id) => {
    const key = Object.keys(localStorage).find((key) => key.endsWith(':mine'));
    return JSON.parse(localStorage[key]).find((one) => one.id === id).token;
  }, id);
  const answer = await request(server.api(`/comments/${id}`), {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', origin: host.origin, authorization: `Bearer ${token}` },
    body: JSON.stringify({ text }),
  });
  assert.equal(answer.status, 200, answer.text);
}

const body = async (slug) => treeText((await stored(slug)).at(-1).body);

test('an edit does not overwrite a later version, and both texts are shown', async () => {
  await visit({ expected: [/409/] }, async (page) => {
    const mine = await editing(page, 'conflict', 'My second thought.');
    await elsewhere(page, 'conflict', 'As somebody else left it.');
    await mine.getByRole('button', { name: names.save }).click();
    const present = mine.getByRole('textbox', { name: /changed in the meantime/ });
    await present.waitFor();
    assert.equal(await present.inputValue(), 'As somebody else left it.');
    assert.equal(await present.evaluate((area) => area.readOnly), true);
    assert.equal(await mine.getByRole('textbox', { name: names.text }).inputValue(), 'My second thought.');
    assert.equal(await body('conflict'), 'As somebody else left it.');
    await mine.getByRole('button', { name: names.save }).click();
    await mine.getByText('My second thought.').and(mine.locator('p')).waitFor();
    assert.equal(await body('conflict'), 'My second thought.');
    // The page has the version that was just saved, so another edit succeeds.
    await mine.getByRole('button', { name: names.edit }).click();
    await mine.getByRole('textbox', { name: names.text }).fill('My third thought.');
    await mine.getByRole('button', { name: names.save }).click();
    await mine.getByText('My third thought.').and(mine.locator('p')).waitFor();
    assert.equal(await body('conflict'), 'My third thought.');
  });
});

test('after a reload, a stored edit is still bound to its version', async () => {
  await visit({ expected: [/409/] }, async (page) => {
    const before = await editing(page, 'conflict-kept', 'Kept for later.');
    await before.getByRole('textbox', { name: names.text }).blur();
    await elsewhere(page, 'conflict-kept', 'Changed while it was kept.');
    await open(page, host.article('conflict-kept'));
    const mine = page.locator('afterword-thread article').first();
    await mine.getByRole('button', { name: names.edit }).click();
    assert.equal(await mine.getByRole('textbox', { name: names.text }).inputValue(), 'Kept for later.');
    await mine.getByRole('button', { name: names.save }).click();
    await mine.getByRole('textbox', { name: /changed in the meantime/ }).waitFor();
    assert.equal(await body('conflict-kept'), 'Changed while it was kept.');
  });
});

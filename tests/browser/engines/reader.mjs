// What a reader does and sees in a tab of any engine: open, look, press, type.
// Must never reach into the thread to change it: the engine's pointer and keys are the only way in.
// Next: host/probe.js is the half of it that lives in the page; scenarios/ are made of these steps.
import assert from 'node:assert/strict';
import { widget as names } from '../names.mjs';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Regular expressions do not travel to the page; their parts do. */
const portable = (value) =>
  JSON.parse(
    JSON.stringify(value, (_, one) => (one instanceof RegExp ? { source: one.source, flags: one.flags } : one)),
  );
const said = (value) => JSON.stringify(value, (_, one) => (one instanceof RegExp ? String(one) : one));

export class Reader {
  constructor(tab, folder) {
    this.tab = tab;
    this.folder = folder;
    this.expected = [];
  }

  evaluate(look, ...args) {
    return this.tab.evaluate(look, ...args);
  }

  /** Waits until `look` finds something true in the page, and gives it. */
  async until(what, look, ...args) {
    const end = Date.now() + 20_000;
    let last;
    do {
      try {
        last = await this.tab.evaluate(look, ...args);
        if (last) return last;
      } catch (error) {
        // While a page makes room for the next one, nothing can be asked.
        last = error.message;
      }
      await pause(40);
    } while (Date.now() < end);
    const text = await this.tab
      .evaluate(() => window.probe?.text() ?? document.body.innerText)
      .catch((error) => error.message);
    throw new Error(`waited in vain for ${what} (last: ${said(last)})\nthe thread shows:\n${text}`);
  }

  /** Opens an address and comes to its thread. */
  async open(url) {
    await this.tab.goto(url);
    await this.arrive();
  }

  async reload() {
    await this.tab.reload();
    await this.arrive();
  }

  /** Scrolls to a thread and waits until it stands, with all that comes after it. */
  async arrive(thread = 0) {
    await this.until('the element', (n) => !!window.probe?.thread(n), thread);
    await this.evaluate((n) => probe.thread(n).scrollIntoView(), thread);
    await this.until(
      'a thread that is ready',
      (n) =>
        probe.thread(n).getAttribute('state') === 'ready' &&
        !!probe.root(n).querySelector('section:not([aria-busy]), .afterword-light section'),
      thread,
    );
  }

  find(target) {
    return this.until(said(target), (target) => probe.find(target).length, portable(target));
  }

  count(target) {
    return this.evaluate((target) => probe.find(target).length, portable(target));
  }

  gone(target) {
    return this.until(`no ${said(target)}`, (target) => !probe.find(target).length, portable(target));
  }

  sees(text, thread = 0) {
    return this.until(`the words “${text}”`, (text, n) => probe.text(n).includes(text), text, thread);
  }

  /** Presses until it is pressed: what moves in the moment between looking and pressing was missed. */
  async click(target) {
    for (let attempt = 0; attempt < 5; attempt++) {
      const { x, y } = await this.until(
        `a place to press ${said(target)}`,
        (target) => probe.place(target),
        portable(target),
      );
      await this.tab.press(x, y);
      // A page that is left by it cannot say so.
      if (await this.evaluate(() => (window.probe ? probe.pressed() : true)).catch(() => true)) return;
    }
    throw new Error(`pressed in vain: ${said(target)}`);
  }

  type(text) {
    return this.tab.type(text);
  }

  key(name) {
    return this.tab.key(name);
  }

  /** Writes into the thread's own form, or into the one that `within` holds, and waits for the comment. */
  async write({ name = 'Ada', text }, { thread = 0, within = { css: 'form' } } = {}) {
    await this.click({ thread, css: 'textarea', within });
    await this.find({ thread, css: 'button', name: names.post, within });
    await this.type(text);
    const field = { thread, css: 'input', name: names.name, within };
    if ((await this.count(field)) && !(await this.evaluate((target) => probe.find(target)[0].value, portable(field)))) {
      await this.click(field);
      await this.type(name);
    }
    await this.click({ thread, css: 'button', name: names.post, within });
    await this.find({ thread, css: 'article', has: text });
  }

  picture(name) {
    return this.tab.picture(`${this.folder}/${name}.png`);
  }

  /** What the pages noted so far and nobody expected. */
  async noted() {
    const all = await this.evaluate(() => window.probe?.noted() ?? []);
    return all.filter((line) => !this.expected.some((pattern) => pattern.test(line)));
  }

  /** Nothing went wrong that a page could notice. */
  async quiet() {
    await pause(50);
    assert.deepEqual(await this.noted(), [], 'the page noted errors');
  }
}

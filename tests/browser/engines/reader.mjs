// A reader's actions and observations in a tab of any engine: open, look, press, type.
// Must never change the thread from a script: the engine's pointer and keys are the only input.
// Next: host/probe.js is its counterpart in the page; scenarios/ use these steps.
import assert from 'node:assert/strict';
import { widget as names } from '../names.mjs';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Regular expressions cannot be serialised to the page; their source and flags can. */
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

  /** Waits until `look` returns something true in the page, and returns it. */
  async until(what, look, ...args) {
    const end = Date.now() + 20_000;
    let last;
    do {
      try {
        last = await this.tab.evaluate(look, ...args);
        if (last) return last;
      } catch (error) {
        // While the page is being replaced, no script runs.
        last = error.message;
      }
      await pause(40);
    } while (Date.now() < end);
    const text = await this.tab
      .evaluate(() => window.probe?.text() ?? document.body.innerText)
      .catch((error) => error.message);
    throw new Error(`waited in vain for ${what} (last: ${said(last)})\nthe thread shows:\n${text}`);
  }

  /** Opens an address and scrolls to its thread. */
  async open(url) {
    await this.tab.goto(url);
    await this.arrive();
  }

  async reload() {
    await this.tab.reload();
    await this.arrive();
  }

  /** Scrolls to a thread and waits until it is drawn, with all parts that load later. */
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

  /** Presses until the press arrives: an element that moves between looking and pressing is missed. */
  async click(target) {
    for (let attempt = 0; attempt < 5; attempt++) {
      const { x, y } = await this.until(
        `a place to press ${said(target)}`,
        (target) => probe.place(target),
        portable(target),
      );
      await this.tab.press(x, y);
      // A page that the press leaves cannot report.
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

  /** Posts through the thread's own form, or the one inside `within`, and waits for the comment. */
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

  /** The unexpected faults that the pages recorded so far. */
  async noted() {
    const all = await this.evaluate(() => window.probe?.noted() ?? []);
    return all.filter((line) => !this.expected.some((pattern) => pattern.test(line)));
  }

  /** Asserts that no page recorded a fault. */
  async quiet() {
    await pause(50);
    assert.deepEqual(await this.noted(), [], 'the page noted errors');
  }
}

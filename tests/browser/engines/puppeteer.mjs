// Chromium and Firefox ESR by puppeteer: Chromium over its own protocol, Firefox over WebDriver BiDi.
// Must never do what a reader could not: scenarios get pointer, keys and a view of the page, as with WebKit's driver.
// Next: webkit.mjs is the third engine, reader.mjs builds on all of them.
import puppeteer from 'puppeteer-core';

const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

class Tab {
  constructor(context, page) {
    Object.assign(this, { context, page });
  }

  async goto(url) {
    await this.page.goto(url, { waitUntil: 'domcontentloaded' });
  }

  async reload() {
    await this.page.reload({ waitUntil: 'domcontentloaded' });
  }

  async back() {
    // A page from the back/forward cache fires no load event, which puppeteer would wait for.
    await this.page.evaluate(() => void setTimeout(() => history.back(), 0));
  }

  evaluate(run, ...args) {
    return this.page.evaluate(run, ...args);
  }

  /**
   * Reconnects to the browser. After a prerendered page is activated, puppeteer sometimes waits forever for the frame
   * that is gone.
   */
  async anew(url) {
    const browser = await puppeteer.connect({
      browserWSEndpoint: this.page.browser().wsEndpoint(),
      defaultViewport: null,
    });
    const page = (await browser.pages()).find((one) => one.url() === url);
    if (!page) throw new Error(`no page of this browser is at ${url}`);
    this.page = page;
  }

  press(x, y) {
    return this.page.mouse.click(x, y);
  }

  async type(text) {
    await this.page.keyboard.type(text);
  }

  async key(name) {
    await this.page.keyboard.press(name);
  }

  picture(path) {
    return this.page.screenshot({ path });
  }

  close() {
    return this.context.close();
  }
}

class Driven {
  static async start(look = '') {
    const engine = new this();
    engine.look = look;
    engine.browser = await puppeteer.launch({
      headless: true,
      defaultViewport: { width: 1000, height: 800 },
      ...this.options(look),
    });
    engine.version = (await engine.browser.version()).replace(/^(Headless|firefox)?\/?/i, '');
    return engine;
  }

  /** A tab in its own profile. */
  async tab() {
    const context = await this.browser.createBrowserContext();
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await this.dress(page);
    return new Tab(context, page);
  }

  async dress() {}

  stop() {
    return this.browser.close();
  }
}

export class Chromium extends Driven {
  static title = 'Chromium';
  /** Options of a whole browser: `reduced` motion, `forced` colours. */
  static looks = ['reduced', 'forced'];

  static options() {
    return { browser: 'chrome', executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium', args: quiet };
  }

  async dress(page) {
    if (!this.look) return;
    const features = [
      this.look === 'reduced'
        ? { name: 'prefers-reduced-motion', value: 'reduce' }
        : { name: 'forced-colors', value: 'active' },
    ];
    // puppeteer's own method has no forced colours. A second CDP session disables prerendering, so only here.
    await (await page.createCDPSession()).send('Emulation.setEmulatedMedia', { features });
  }
}

export class Firefox extends Driven {
  static title = 'Firefox ESR';
  static looks = ['reduced', 'forced'];

  static options(look) {
    return {
      browser: 'firefox',
      executablePath: process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr',
      extraPrefsFirefox: {
        'ui.prefersReducedMotion': look === 'reduced' ? 1 : 0,
        // 2: always the system's colours.
        'browser.display.document_color_use': look === 'forced' ? 2 : 1,
      },
    };
  }
}

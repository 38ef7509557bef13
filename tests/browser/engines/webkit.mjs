// WebKitGTK by its own driver and W3C WebDriver, on its own X server.
// Must never leave a process behind: the driver, the browser and the X server end with this one.
// Next: puppeteer.mjs has the other two engines, reader.mjs builds on all of them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../harness.mjs';

const DRIVER = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';
const KEYS = { Enter: '\uE007', Tab: '\uE004', Escape: '\uE00C', End: '\uE010' };
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** MiniBrowser is in a folder named after the processor and the library's version. */
async function miniBrowser() {
  for (const folder of await readdir('/usr/lib')) {
    for (const version of ['6.0', '4.1', '4.0']) {
      const name = folder.startsWith('webkitgtk-')
        ? `/usr/lib/${folder}/MiniBrowser`
        : `/usr/lib/${folder}/webkit2gtk-${version}/MiniBrowser`;
      if (existsSync(name)) return name;
    }
  }
  throw new Error("no MiniBrowser: install the Debian package 'webkit2gtk-driver'");
}

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
function start(command, args, options) {
  const child = spawn(command, args, options);
  children.add(child);
  child.ended = new Promise((done) => child.on('exit', done)).then(() => children.delete(child));
  return child;
}

/** Starts an X server that chooses its own display number. */
async function screen() {
  const child = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await new Promise((done, fail) => {
    child.on('error', fail);
    child.on('exit', (code) => fail(new Error(`Xvfb ended with ${code}`)));
    child.stdio[3].once('data', (chunk) => done(String(chunk).trim()));
  });
  return { child, display: `:${number}` };
}

async function listening(ask) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask('GET', '/status');
    } catch (error) {
      if (attempt > 200) throw error;
      await pause(25);
    }
  }
}

class Tab {
  constructor(ask, session, driver) {
    Object.assign(this, { ask, session, driver });
  }

  send(method, route, body) {
    return this.ask(method, `/session/${this.session}${route}`, body);
  }

  goto(url) {
    return this.send('POST', '/url', { url });
  }

  reload() {
    return this.send('POST', '/refresh', {});
  }

  back() {
    return this.evaluate(() => void setTimeout(() => history.back(), 0));
  }

  async evaluate(run, ...args) {
    // This driver waits for a promise in execute/sync, too; a failure inside is returned with its stack.
    const script = `return (async () => (${run})(...${JSON.stringify(args)}))().then((value) => ({ value }), (error) => ({ error: [error, error?.stack].join(' at ') }));`;
    const { value, error } = await this.send('POST', '/execute/sync', { script, args: [] });
    if (error) throw new Error(error);
    return value ?? undefined;
  }

  async press(x, y) {
    await this.send('POST', '/actions', {
      actions: [
        {
          type: 'pointer',
          id: 'mouse',
          parameters: { pointerType: 'mouse' },
          actions: [
            { type: 'pointerMove', duration: 0, x: Math.round(x), y: Math.round(y) },
            { type: 'pointerDown', button: 0 },
            { type: 'pointerUp', button: 0 },
          ],
        },
      ],
    });
  }

  async type(text) {
    const actions = [...text].flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    await this.send('POST', '/actions', { actions: [{ type: 'key', id: 'keys', actions }] });
  }

  key(name) {
    assert.ok(KEYS[name], `no code for the key ${name}`);
    return this.type(KEYS[name]);
  }

  async picture(file) {
    await writeFile(file, Buffer.from(await this.send('GET', '/screenshot'), 'base64'));
  }

  async close() {
    try {
      await this.send('DELETE', '');
    } finally {
      this.driver.kill('SIGTERM');
      await this.driver.ended;
    }
  }
}

export class WebKit {
  static title = 'WebKitGTK';
  /** This engine has no forced colours. */
  static looks = ['reduced'];

  static async start(look = '') {
    const engine = new WebKit();
    engine.binary = await miniBrowser();
    engine.screen = await screen();
    engine.home = await mkdtemp(path.join(tmpdir(), 'afterword-webkit-'));
    // GTK's setting for reduced motion.
    await mkdir(path.join(engine.home, 'gtk-3.0'));
    await writeFile(
      path.join(engine.home, 'gtk-3.0/settings.ini'),
      `[Settings]\ngtk-enable-animations=${look === 'reduced' ? 0 : 1}\n`,
    );
    return engine;
  }

  /** A browser with its own profile; a driver has one session at a time, so each tab has its own driver. */
  async tab() {
    const port = await freePort();
    const driver = start(DRIVER, [`--port=${port}`, '--host=127.0.0.1'], {
      env: {
        ...process.env,
        DISPLAY: this.screen.display,
        XDG_CONFIG_HOME: this.home,
        XDG_CACHE_HOME: this.home,
        XDG_DATA_HOME: this.home,
        GTK_USE_PORTAL: '0',
        NO_AT_BRIDGE: '1',
        // Its sandbox needs name spaces that a container does not have. Compositing stays on: without it, images never
        // load.
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      },
      stdio: 'ignore',
    });
    const ask = async (method, route, body) => {
      const answer = await fetch(`http://127.0.0.1:${port}${route}`, {
        method,
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(30_000),
      });
      const { value } = await answer.json();
      if (!answer.ok)
        throw new Error(
          `WebKit's driver on ${method} ${route.replace(/[0-9a-f-]{36}/, '…')}: ${value.error}: ${value.message}`,
        );
      return value;
    };
    await listening(ask);
    const { sessionId, capabilities } = await ask('POST', '/session', {
      capabilities: {
        alwaysMatch: {
          timeouts: { script: 15_000, pageLoad: 15_000 },
          'webkitgtk:browserOptions': { binary: this.binary, args: ['--automation'] },
        },
      },
    });
    this.version = `${capabilities.browserName} ${capabilities.browserVersion}`;
    return new Tab(ask, sessionId, driver);
  }

  async stop() {
    this.screen.child.kill('SIGTERM');
    await this.screen.child.ended;
    // Its processes may still write while they end.
    await rm(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

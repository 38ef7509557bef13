// The fixture of the scenarios: a site with pages, a server behind a proxy, and readers with tabs of the engine.
// Must never share a profile between two scenarios: one reader's storage must not reach another.
// Next: scenarios/ use it; proxy.mjs is the proxy, reader.mjs the reader.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Host, Server } from '../harness.mjs';
import { ReverseProxy } from './proxy.mjs';
import { Reader } from './reader.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const FILES = {
  '/probe.js': '../host/probe.js',
  '/turbo.js': '../node_modules/@hotwired/turbo/dist/turbo.es2017-umd.js',
  '/pjax.js': '../node_modules/@next-theme/pjax/pjax.js',
  '/swup.js': '../node_modules/swup/dist/Swup.umd.js',
  '/swup-head.js': '../node_modules/@swup/head-plugin/dist/index.umd.js',
  '/swup-scripts.js': '../node_modules/@swup/scripts-plugin/dist/index.umd.js',
  '/barba.js': '../node_modules/@barba/core/dist/barba.umd.js',
  '/htmx.js': '../node_modules/htmx.org/dist/htmx.js',
  '/htmx4.js': '../node_modules/htmx4/dist/htmx.js',
  '/instantclick.js': '../node_modules/instantclick/instantclick.js',
};

/** A blog whose pages the scenarios define. */
export class Pages extends Host {
  pages = new Map();
  files = new Map();

  static async start() {
    const pages = await super.start();
    for (const [name, file] of Object.entries(FILES)) pages.files.set(name, await readFile(path.join(here, file)));
    // The package is the browser script with one line for bundlers below it.
    pages.files.set(
      '/instantclick.js',
      `{ const module = {};\n${pages.files.get('/instantclick.js')}\nwindow.InstantClick = InstantClick; }`,
    );
    return pages;
  }

  /** `page` is a text or a function of the request; `headers` are added. Returns the address. */
  put(name, page, headers = {}) {
    this.pages.set(name, { page, headers });
    return this.origin + name;
  }

  answer(request, answer) {
    const { pathname } = new URL(request.url, this.origin);
    if (this.files.has(pathname)) {
      answer.writeHead(200, {
        'content-type': 'text/javascript; charset=utf-8',
        'cross-origin-resource-policy': 'same-origin',
      });
      return answer.end(this.files.get(pathname));
    }
    const found = this.pages.get(pathname);
    if (!found) return super.answer(request, answer);
    answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...found.headers });
    answer.end(typeof found.page === 'function' ? found.page(request) : found.page);
  }
}

const PARAGRAPH =
  '<p>What I learned that summer is mostly patience. A hive tells you little, and tells it slowly: the pitch of the hum, the colour of the pollen, the weight of a frame when you lift it with two fingers.</p>';

/** An article as a site serves it: the probe first, then `head`; `thread` below the text. */
export function article({
  title = 'On keeping bees',
  root = 'lang="en"',
  head = '',
  above = '',
  thread = '',
  below = '',
} = {}) {
  return `<!doctype html>
<html ${root}>
<head>
<meta charset="utf-8">
<script src="/probe.js"></script>
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/essay.css">
${head}
</head>
<body>
${above}
<main id="content">
<article><h1>${title}</h1>${PARAGRAPH}</article>
${thread}
</main>
${below}
</body>
</html>`;
}

/** Waits for the server, not for the page. */
export async function until(what, look) {
  for (let wait = 0; wait < 500; wait++) {
    if (await look()) return;
    await new Promise((done) => setTimeout(done, 40));
  }
  assert.fail(`waited in vain for ${what}`);
}

/** One server behind one proxy, registered for the pages' origin. */
export async function startServer(pages, options = {}) {
  const proxy = await ReverseProxy.start(options);
  const server = await Server.start({ origin: pages.origin, env: { AFTERWORD_BASE_URL: proxy.base } });
  proxy.to = server;
  return {
    server,
    proxy,
    tag: server.tag,
    async stop() {
      await server.stop();
      await proxy.down();
    },
  };
}

/** Shared by the scenarios of one engine. */
export class Fixture {
  static async start(Engine, folder) {
    const fixture = new Fixture();
    Object.assign(fixture, { Engine, folder, readers: [] });
    fixture.pages = await Pages.start();
    Object.assign(fixture, { backend: await startServer(fixture.pages) });
    const { server, proxy, tag } = fixture.backend;
    Object.assign(fixture, { server, proxy, tag });
    fixture.pages.show({ tag, base: proxy.base });
    fixture.engine = await Engine.start();
    return fixture;
  }

  /** A reader with a fresh profile; `engine` is another browser of the same kind. */
  async reader(engine = this.engine) {
    const reader = new Reader(await engine.tab(), this.folder);
    this.readers.push(reader);
    return reader;
  }

  /** Runs one scenario; an unexpected fault on one of its pages fails it. Returns its result. */
  async run(scenario) {
    this.proxy.forget();
    try {
      const result = await scenario.run(this);
      for (const reader of this.readers) await reader.quiet();
      return result;
    } catch (error) {
      for (const [n, reader] of this.readers.entries()) {
        const noted = await reader.noted().catch(() => []);
        if (noted.length) error.message += `\nthe page noted:\n${noted.join('\n')}`;
        await reader.picture(`failed-${scenario.name.replace(/\W+/g, '-').slice(0, 60)}-${n}`).catch(() => {});
      }
      throw error;
    } finally {
      for (const reader of this.readers.splice(0)) await reader.tab.close().catch(() => {});
    }
  }

  async stop() {
    await this.engine?.stop();
    await this.backend?.stop();
    await this.pages?.stop();
  }
}

// Starts what a test needs: the real binary with an empty data folder, a host page on another origin with a strict
// policy, and a browser that fails the test on any error.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');

export const OWNER = { name: 'owner', password: 'correct horse battery staple' };
const LIMITS = ['READ', 'POST', 'EDIT', 'VOTE', 'PREVIEW', 'LOGIN'];

export function binary() {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target');
  const candidates = process.env.AFTERWORD_BIN
    ? [path.resolve(process.env.AFTERWORD_BIN)]
    : ['release', 'debug'].map((profile) => path.join(target, profile, 'afterword'));
  const found = candidates.find((candidate) => existsSync(candidate));
  assert.ok(found, `no binary at ${candidates.join(' or ')}: run 'cargo build', or set AFTERWORD_BIN`);
  return found;
}

// A run that is killed leaves no server behind.
const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

export async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** One request with exactly these headers, also `Origin`. */
export function request(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((done, fail) => {
    const sent = http.request(url, { method, headers, agent: false }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        done({ status: answer.statusCode, headers: answer.headers, text, json: () => JSON.parse(text) });
      });
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

/** The comment server: a fresh data folder, one site, one owner. */
export class Server {
  /** `settings` are the site's (`moderation=all`), `env` overrides the environment. */
  static async start({ site = 'blog', origin, settings = [], env = {}, owner = OWNER, serve = true } = {}) {
    const server = new Server();
    server.port = await freePort();
    server.base = `http://127.0.0.1:${server.port}`;
    server.folder = await mkdtemp(path.join(tmpdir(), 'afterword-browser-'));
    server.site = site;
    server.origin = origin;
    server.env = {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      AFTERWORD_LISTEN: `127.0.0.1:${server.port}`,
      AFTERWORD_DATA: server.folder,
      AFTERWORD_DATABASE: 'afterword.db',
      AFTERWORD_BASE_URL: server.base,
      ...Object.fromEntries(LIMITS.map((name) => [`AFTERWORD_LIMITS_${name}`, 'off'])),
      ...env,
    };
    try {
      if (site) {
        const printed = await server.command(['site', 'add', site, '--origin', origin]);
        server.tag = printed
          .split('\n')
          .filter((line) => line.trim().startsWith('<'))
          .join('\n')
          .trim();
        assert.match(server.tag, /<script[^>]*\/embed\.js/, `'site add' prints no tag to paste:\n${printed}`);
        if (settings.length) await server.command(['site', 'set', site, ...settings]);
      }
      if (owner) await server.command(['admin', 'create', owner.name, '--password-stdin'], `${owner.password}\n`);
      if (serve) await server.serve();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Runs a command of the binary to its end and returns its output. */
  command(args, input = '') {
    return new Promise((done, fail) => {
      const child = spawn(binary(), args, { env: this.env, cwd: this.folder });
      let printed = '';
      child.stdout.on('data', (chunk) => (printed += chunk));
      child.stderr.on('data', (chunk) => (printed += chunk));
      child.on('error', fail);
      child.on('exit', (code) =>
        code === 0 ? done(printed) : fail(new Error(`afterword ${args.join(' ')} ended with ${code}:\n${printed}`)),
      );
      // A command that reads nothing may have exited before this arrives: its exit code decides.
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    });
  }

  async serve() {
    // A process that was just killed may not have exited yet.
    if (this.child?.killed) await this.ended;
    this.log = '';
    this.child = spawn(binary(), ['serve'], { env: this.env, cwd: this.folder });
    const keep = (chunk) => (this.log = (this.log + chunk).slice(-20000));
    this.child.stdout.on('data', keep);
    this.child.stderr.on('data', keep);
    const { child } = this;
    children.add(child);
    this.ended = new Promise((done) => child.on('exit', done)).then(() => children.delete(child));
    for (let attempt = 0; attempt < 400; attempt++) {
      if (this.child.exitCode !== null) break;
      try {
        if ((await request(`${this.base}/healthz`)).status === 200) return;
      } catch {
        // not listening yet
      }
      await new Promise((done) => setTimeout(done, 25));
    }
    throw new Error(`the server did not start:\n${this.log}`);
  }

  /** Kills the process and keeps the data, as in a crash. */
  async kill() {
    const { child } = this;
    if (!child) return;
    child.kill('SIGKILL');
    await this.ended;
    if (this.child === child) this.child = null;
  }

  async stop() {
    const { child } = this;
    if (child) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await this.ended;
      clearTimeout(late);
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  api(route) {
    return `${this.base}/api/v1/sites/${this.site}${route}`;
  }

  async thread(page) {
    const answer = await request(this.api(`/thread?page=${encodeURIComponent(page)}`));
    assert.equal(answer.status, 200, answer.text);
    return answer.json();
  }

  /** Posts a comment as another reader, through the API. */
  async post(page, fields) {
    const answer = await request(this.api('/comments'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.origin },
      body: JSON.stringify({ page, title: 'On keeping bees', key: randomUUID(), name: 'Ann', ...fields }),
    });
    assert.equal(answer.status, 201, answer.text);
    return answer.json();
  }
}

/** A blog on its own origin, whose policy allows exactly what the documentation requires. */
export class Host {
  static async start() {
    const host = new this();
    host.style = await readFile(path.join(here, 'host/essay.css'), 'utf8');
    host.tag = '';
    host.comments = '';
    host.language = ''; // the language of every article from now on, English otherwise
    host.look = ''; // `dark`, `rtl` or both: how every article is served from now on
    host.server = http.createServer((request, answer) => host.answer(request, answer));
    await new Promise((done) => host.server.listen(0, '127.0.0.1', done));
    host.origin = `http://127.0.0.1:${host.server.address().port}`;
    return host;
  }

  /** Puts a comment server's tag at the end of every article. */
  show(server) {
    this.tag = server.tag;
    this.comments = server.base;
  }

  article(slug = 'bees') {
    return `${this.origin}/${slug}/`;
  }

  policy() {
    return [
      "default-src 'none'",
      `script-src 'self' ${this.comments}`,
      `connect-src ${this.comments}`,
      `img-src ${this.comments} data:`,
      "style-src 'self'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; ');
  }

  answer(request, answer) {
    const { pathname } = new URL(request.url, this.origin);
    if (pathname === '/essay.css') {
      answer.writeHead(200, { 'content-type': 'text/css; charset=utf-8' });
      answer.end(this.style);
    } else if (pathname === '/favicon.ico') {
      answer.writeHead(204);
      answer.end();
    } else {
      answer.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': this.policy(),
      });
      answer.end(this.essay({ dark: this.look.includes('dark'), rtl: this.look.includes('rtl') }));
    }
  }

  essay({ dark, rtl }) {
    return `<!doctype html>
<html lang="${this.language || (rtl ? 'ar' : 'en')}" dir="${rtl ? 'rtl' : 'ltr'}" class="${dark ? 'dark' : ''}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>On keeping bees</title>
<link rel="stylesheet" href="/essay.css">
</head>
<body>
<header><a href="/">The Long Garden</a></header>
<main>
<article>
<h1>On keeping bees</h1>
<p>The first swarm came by itself. It hung in the pear tree like a dark fruit, and for an hour nobody in
the house did anything but stand at the window. Then my aunt put on her veil, took a straw basket, and
shook thirty thousand strangers into it as calmly as one shakes a tablecloth.</p>
<p>What I learned that summer is mostly patience. A hive tells you little, and tells it slowly: the
pitch of the hum, the colour of the pollen, the weight of a frame when you lift it with two fingers.</p>
<p>People ask whether it hurts. It does; then it doesn’t, and you notice that you have begun to move
differently, in the garden and elsewhere.</p>
</article>
${this.tag}
</main>
</body>
</html>`;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}

let running;

/** The browser, shared by the tests of one file. */
export async function browser() {
  running ??= await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return running;
}

export async function closeBrowser() {
  await running?.close();
  running = undefined;
}

/**
 * Runs `body(page, context)` in a fresh profile and fails on every page error, console error or violation of the page's
 * policy that no regular expression in `expected` matches.
 */
export async function visit({ expected = [], ...options }, body) {
  const context = await (await browser()).newContext({ viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(10000);
  const seen = [];
  const report = (kind, text) => {
    if (!expected.some((pattern) => pattern.test(text))) seen.push(`${kind}: ${text}`);
  };
  context.on('weberror', (error) => report('page error', String(error.error())));
  context.on('console', (message) => {
    if (message.type() === 'error')
      report('console', [message.text(), message.location().url].filter(Boolean).join(' at '));
  });
  if (options.javaScriptEnabled !== false) {
    // Policy violations that the browser only reports, and those of Trusted Types, arrive as events.
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`policy violation: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
  }
  try {
    const page = await context.newPage();
    const result = await body(page, context);
    // Waits for late errors.
    await page.waitForTimeout(50).catch(() => {});
    assert.deepEqual(seen, [], 'the browser reported errors');
    return result;
  } catch (error) {
    if (seen.length && !seen.every((line) => error.message.includes(line))) {
      error.message += `\nthe browser also reported:\n${seen.join('\n')}`;
    }
    throw error;
  } finally {
    await context.close();
  }
}

/** Opens an article, scrolls to its thread, and waits until the whole response is drawn. */
export async function open(page, url) {
  await page.goto(url, { waitUntil: 'load' });
  const thread = page.locator('afterword-thread');
  await thread.waitFor({ state: 'attached' });
  await page.evaluate(() => document.querySelector('afterword-thread').scrollIntoView());
  await thread.locator('section:not([aria-busy])').waitFor();
  return thread;
}

/** Draws also what is out of view, as after scrolling through everything. */
export async function unfold(page) {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { content-visibility: visible !important }');
    document.querySelector('afterword-thread').shadowRoot.adoptedStyleSheets.push(sheet);
  });
}

const plain = (text) => text.replace(/\s+/gu, ' ').trim().normalize('NFC');

/**
 * The comments of `data` (by `n`; `ids` by `n`, too) that do not read as they were written: the text that a reader
 * would copy, and its tree.
 */
export async function misread(page, data, ids) {
  const wrong = [];
  for (const { n, parent, name, text, shown = text } of data) {
    const element = comment(page, ids[n]);
    const seen = await element.evaluate((article) => ({
      text: article.querySelector('[part~="body"], .comment-body').innerText,
      name: article.querySelector('.author bdi').innerText,
      above: article.closest('li').parentElement.closest('li')?.querySelector('article').id ?? null,
    }));
    const wanted = { text: plain(shown), name: plain(name), above: parent ? `comment-${ids[parent]}` : null };
    const read = { ...seen, text: plain(seen.text), name: plain(seen.name) };
    if (JSON.stringify(read) !== JSON.stringify(wanted)) wrong.push({ n, wanted, read });
  }
  return wrong;
}

export const comment = (page, id) => page.locator(`#comment-${id}`);

/** The visible text of a tree from the API. */
export function treeText(nodes) {
  return nodes.map((node) => (typeof node === 'string' ? node : treeText(node.slice(2)))).join('');
}

/** Joins adjacent texts and drops empty ones, so that two trees compare by what they show. */
export function normalTree(nodes) {
  const result = [];
  for (const node of nodes) {
    if (typeof node === 'string') {
      if (typeof result.at(-1) === 'string') result[result.length - 1] += node;
      else if (node !== '') result.push(node);
    } else {
      const [name, attributes, ...children] = node;
      const kept = Object.entries(attributes ?? {})
        .filter(([key]) => ['href', 'start'].includes(key))
        .sort();
      result.push([
        name,
        Object.fromEntries(kept.map(([key, value]) => [key, String(value)])),
        ...normalTree(children),
      ]);
    }
  }
  return result;
}

/** The rendered body of a comment, in the form of the API's tree. */
export async function renderedTree(article) {
  return article.evaluate((element) => {
    const body = element.querySelector('[part~="body"], .body');
    const walk = (node) =>
      [...node.childNodes].flatMap((child) => {
        if (child.nodeType === Node.TEXT_NODE) return [child.data];
        if (child.nodeType !== Node.ELEMENT_NODE) return [];
        const attributes = Object.fromEntries([...child.attributes].map((one) => [one.name, one.value]));
        return [[child.localName, attributes, ...walk(child)]];
      });
    return body && walk(body);
  });
}

/** Fills a comment form and sends it. A form that has the author's name from before shows it or hides the field. */
export async function write(form, { name, text }, names) {
  const area = form.getByRole('textbox', { name: names.text });
  await area.click();
  await area.fill(text);
  // The other fields appear after typing starts.
  await form.getByRole('button', { name: names.post }).waitFor();
  const field = form.getByRole('textbox', { name: names.name });
  if (name !== undefined && (await field.count())) await field.fill(name);
  await form.getByRole('button', { name: names.post }).click();
}

/** The form that has the focus, once it has it. */
export async function focusedForm(page) {
  const form = page.locator('form:focus-within');
  await form.waitFor();
  return form;
}

/** Every comment of a thread, parents before their replies. */
export function flat(comments) {
  return comments.flatMap((one) => [one, ...flat(one.replies ?? [])]);
}

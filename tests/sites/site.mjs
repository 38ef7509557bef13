// One site of a generator: copied, given another host name and nothing else, built, and served from an origin of its
// own.
// Must never change more of a site than the host name, nor let its pages reach the internet.
// Next: sites.spec.mjs tries each.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Server } from '../browser/harness.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const run = promisify(execFile);
/** The host that the comments of all these sites were at. */
const BEFORE = 'comments-before.example';
/** The address that the sites say they have: that of their server, as it is where they are read. */
const OWN = 'http://garden.example';
const KINDS = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

/** How each generator builds, and where what it built lies. */
const builders = {
  async hugo(folder) {
    await run('hugo', ['--quiet'], { cwd: folder });
    return 'public';
  },
  async hexo(folder, theme) {
    await appendFile(path.join(folder, '_config.yml'), `theme: ${theme}\n`);
    await cp(path.join(here, 'package.json'), path.join(folder, 'package.json'));
    await symlink(path.join(here, 'node_modules'), path.join(folder, 'node_modules'));
    await run(process.execPath, [path.join(here, 'node_modules/hexo/bin/hexo'), 'generate', '--silent'], {
      cwd: folder,
    });
    return 'public';
  },
  async nikola(folder) {
    await run(process.env.NIKOLA_BIN ?? 'nikola', ['build', '--quiet'], { cwd: folder });
    return 'output';
  },
};

export class Site {
  /** `files` are those of the folder that name the host of the comments. */
  static async build(generator, { theme, files }) {
    const site = new Site();
    site.folder = await mkdtemp(path.join(tmpdir(), 'afterword-site-'));
    site.http = http.createServer((request, answer) => site.answer(request, answer));
    await new Promise((done) => site.http.listen(0, '127.0.0.1', done));
    site.origin = `http://127.0.0.1:${site.http.address().port}`;
    try {
      site.comments = await Server.start({ site: 'garden', origin: site.origin, owner: null });
      await cp(path.join(here, generator), site.folder, { recursive: true });
      site.changed = await site.switchOver(files);
      site.root = path.join(site.folder, await builders[generator](site.folder, theme));
    } catch (error) {
      await site.stop();
      throw error;
    }
    return site;
  }

  /** Changes the host name, and gives the lines that changed. The scheme is that of a server without a certificate. */
  async switchOver(files) {
    const changed = [];
    for (const name of await readdir(this.folder, { recursive: true })) {
      const file = path.join(this.folder, name);
      const before = (await readFile(file, 'utf8').catch(() => '')).replaceAll(OWN, this.origin);
      if (before.includes(this.origin)) await writeFile(file, before);
      if (!before.includes(BEFORE) || !files.includes(name)) continue;
      const after = before
        .replaceAll(`https://${BEFORE}`, this.comments.base)
        .replaceAll(BEFORE, new URL(this.comments.base).host);
      await writeFile(file, after);
      changed.push(
        ...after
          .split('\n')
          .filter((line, n) => line !== before.split('\n')[n])
          .map((line) => `${name}: ${line.trim()}`),
      );
    }
    assert.equal(changed.length, 1, `one line says where the comments are, not ${changed.length}`);
    return changed;
  }

  async answer(request, answer) {
    const { pathname } = new URL(request.url, this.origin);
    const file = path.join(
      this.root,
      path.normalize(decodeURIComponent(pathname)),
      pathname.endsWith('/') ? 'index.html' : '',
    );
    try {
      const body = await readFile(file);
      answer.writeHead(200, { 'content-type': KINDS[path.extname(file)] ?? 'application/octet-stream' });
      answer.end(body);
    } catch {
      answer.writeHead(pathname === '/favicon.ico' ? 204 : 404);
      answer.end();
    }
  }

  /** What a theme loads from a network of copies of npm comes from npm's own packages; everything else is not there. */
  static async offline(context) {
    await context.route(
      (url) => url.hostname !== '127.0.0.1',
      (route) => {
        const [, name, file] =
          /^https:\/\/cdn\.jsdelivr\.net\/npm\/((?:@[^/]+\/)?[^@/]+)(?:@[^/]+)?\/([^?]+)/.exec(route.request().url()) ??
          [];
        try {
          const body = readFileSync(path.join(here, 'node_modules', name, file));
          return route.fulfill({
            body,
            contentType: KINDS[path.extname(file)],
            headers: { 'access-control-allow-origin': '*' },
          });
        } catch {
          return route.abort();
        }
      },
    );
  }

  async stop() {
    await this.comments?.stop();
    this.http.closeAllConnections();
    await new Promise((done) => this.http.close(done));
    await rm(this.folder, { recursive: true, force: true });
  }
}

// One site of a generator: copied, with another host name and no other change, built, and served from its own origin.
// Must never change more of a site than the host name, nor let its pages reach the internet.
// Next: sites.spec.mjs tests each.
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
/** The comment host in all these sites. */
const BEFORE = 'comments-before.example';
/** The sites' configured address: that of the server that serves them. */
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

/** The build command of each generator, and its output folder. */
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
  /** `files` are the files of the folder that contain the comment host. */
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

  /** Changes the host name, and returns the changed lines. The scheme is that of a server without a certificate. */
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

  /** Files that a theme loads from an npm CDN come from npm's own packages; all others are missing. */
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

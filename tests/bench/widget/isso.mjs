// Isso with its own embed, installed as documented, from the Python package index.
// Must never be slower than in a recommended installation: no limits, one thread pool, compressed by a proxy as its
// documentation advises, with the embed file compressed once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';

export class Isso {
  static async start({ program, origin }) {
    const isso = new Isso();
    isso.folder = await mkdtemp(path.join(tmpdir(), 'bench-isso-'));
    isso.origin = origin;
    const probe = net.createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address();
    probe.close();
    await once(probe, 'close');
    isso.base = `http://127.0.0.1:${port}`;
    const settings = path.join(isso.folder, 'isso.cfg');
    await writeFile(
      settings,
      `[general]\ndbpath = ${isso.folder}/comments.db\nhost = ${origin}\n[server]\nlisten = ${isso.base}\n[guard]\nenabled = false\n[moderation]\nenabled = false\n`,
    );
    isso.child = spawn(program, ['-c', settings, 'run'], { cwd: isso.folder, stdio: ['ignore', 'ignore', 'pipe'] });
    isso.log = '';
    isso.child.stderr.on('data', (chunk) => (isso.log = (isso.log + chunk).slice(-4000)));
    process.on('exit', () => isso.child.kill('SIGKILL'));
    for (let attempt = 0; attempt < 200; attempt++) {
      const answer = await fetch(`${isso.base}/js/embed.min.js`).catch(() => null);
      if (answer?.ok) {
        await isso.compress();
        return isso;
      }
      if (answer) throw new Error(`this Isso has no /js/embed.min.js (${answer.status}): take another version`);
      await new Promise((go) => setTimeout(go, 50));
    }
    throw new Error(`Isso did not start:\n${isso.log}`);
  }

  /** Compresses like a web server in front of it; the embed's own files only once. */
  async compress() {
    const kept = new Map();
    const agent = new http.Agent({ keepAlive: true });
    this.front = http.createServer((request, answer) => {
      const whole = kept.get(request.url);
      if (whole && request.method === 'GET') return answer.writeHead(200, whole.headers).end(whole.body);
      const sent = http.request(
        this.base + request.url,
        { method: request.method, headers: request.headers, agent },
        async (got) => {
          const chunks = [];
          for await (const chunk of got) chunks.push(chunk);
          const isFile = /^\/(js|css)\//.test(request.url);
          const quality = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: isFile ? 11 : 5 } };
          const headers = { ...got.headers, 'content-encoding': 'br' };
          delete headers['content-length'];
          const body = zlib.brotliCompressSync(Buffer.concat(chunks), quality);
          if (isFile && got.statusCode === 200) kept.set(request.url, { headers, body });
          answer.writeHead(got.statusCode, headers).end(body);
        },
      );
      sent.on('error', () => answer.destroy());
      request.pipe(sent);
    });
    this.front.listen(0, '127.0.0.1');
    await once(this.front, 'listening');
    this.fronted = `http://127.0.0.1:${this.front.address().port}`;
  }

  tag(base) {
    return `<script data-isso="${base}/" data-isso-sorting="oldest" src="${base}/js/embed.min.js" async></script>\n<section id="isso-thread"></section>`;
  }

  async post(page, { name, text }, parent) {
    const uri = new URL(page).pathname;
    const answer = await fetch(`${this.base}/new?uri=${encodeURIComponent(uri)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.origin },
      body: JSON.stringify({
        author: name,
        email: null,
        website: null,
        text,
        parent,
        title: 'On keeping bees',
        notification: 0,
      }),
    });
    if (!answer.ok) throw new Error(`Isso took no comment: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).id;
  }

  async stop() {
    this.front.closeAllConnections();
    this.front.close();
    this.child.kill('SIGTERM');
    await once(this.child, 'exit');
    await rm(this.folder, { recursive: true, force: true });
  }
}

// A proxy in front of the comment server, as owners have one: under a path, counting requests, and failing on demand.
// Must never answer in place of the server unless a scenario sets `fault`.
// Next: fixture.mjs puts it between the pages and the server.
import http from 'node:http';

export class ReverseProxy {
  /** `path` as in `/comments`; with `strips` the server does not see it. */
  static async start({ path = '', strips = true } = {}) {
    const proxy = new ReverseProxy();
    Object.assign(proxy, { path, strips, port: 0, asked: [], live: 0, fault: null, to: null });
    await proxy.up();
    proxy.base = `http://127.0.0.1:${proxy.port}${path}`;
    return proxy;
  }

  /** Accepts connections (again), on the same port. */
  async up() {
    this.server = http.createServer((request, reply) => this.answer(request, reply));
    await new Promise((done) => this.server.listen(this.port, '127.0.0.1', done));
    this.port = this.server.address().port;
  }

  /** Refuses new connections, and breaks existing ones. */
  async down() {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Resets the record of requests and the fault. */
  forget() {
    this.asked = [];
    this.fault = null;
  }

  count(pattern) {
    return this.asked.filter((line) => pattern.test(line)).length;
  }

  answer(request, reply) {
    this.asked.push(`${request.method} ${request.url}`);
    if (this.fault?.(request, reply)) return;
    if (!request.url.startsWith(`${this.path}/`)) {
      reply.writeHead(404).end('not under this path');
      return;
    }
    const path = this.strips ? request.url.slice(this.path.length) : request.url;
    const live = /\/live\?/.test(path);
    if (live) this.live++;
    const onward = http.request(
      { host: '127.0.0.1', port: this.to.port, method: request.method, path, headers: request.headers, agent: false },
      (answer) => {
        reply.writeHead(answer.statusCode, answer.headers);
        answer.on('error', () => reply.destroy());
        answer.pipe(reply);
      },
    );
    onward.on('error', () => (reply.headersSent ? reply.destroy() : reply.writeHead(502).end()));
    reply.on('close', () => {
      if (live) this.live--;
      onward.destroy();
    });
    request.pipe(onward);
  }
}

/** The failures of a proxy or network in front of the server. */
export const faults = {
  /** The server's own internal error. */
  broken: (host) => (request, reply) =>
    only(request, () =>
      reply
        .writeHead(500, { 'content-type': 'application/json', 'access-control-allow-origin': host.origin })
        .end('{"error":{"code":"internal","message":"Something broke."}}'),
    ),
  /** A proxy that cannot reach the server, without CORS headers. */
  page: () => (request, reply) =>
    only(request, () => reply.writeHead(502, { 'content-type': 'text/html' }).end('<h1>502 Bad Gateway</h1>')),
  /** An HTML page in place of data, as from a captive portal. */
  portal: () => (request, reply) =>
    only(request, () =>
      reply
        .writeHead(200, { 'content-type': 'text/html', 'access-control-allow-origin': '*' })
        .end('<h1>Welcome to the free network</h1>'),
    ),
  /** Accepts the request and never answers. */
  silent: () => (request) => only(request, () => {}),
};

/** The API fails, files are served. */
function only(request, fail) {
  if (!request.url.includes('/api/')) return false;
  fail();
  return true;
}

// The comment server below a path of another host, as behind `location /comments/`.
import assert from 'node:assert/strict';
import { article, startServer } from '../fixture.mjs';
import { request } from '../../harness.mjs';

export default [true, false].map((strips) => ({
  name: `a server under /comments/, by a proxy that ${strips ? 'takes the path off' : 'leaves the path'}: embed, thread, post, permalink, own page`,
  async run(fixture) {
    const { pages } = fixture;
    const below = await startServer(pages, { path: '/comments', strips });
    try {
      assert.match(below.tag, /\/comments\/embed\.js"/);
      const url = pages.put(`/below-${strips}/`, article({ thread: below.tag }), {
        'content-security-policy': `script-src 'self' ${below.proxy.base}/; connect-src ${below.proxy.base}/`,
      });
      const { comment } = await below.server.post(url, { text: 'From below.' });
      const reader = await fixture.reader();
      await reader.open(url);
      await reader.sees('From below.');
      await reader.write({ text: 'Also from below.' });
      await reader.tab.goto('about:blank');
      await reader.tab.goto(`${url}#comment-${comment.id}`);
      await reader.until(
        'the focus there',
        (id) => window.probe?.root()?.activeElement?.id === `comment-${id}`,
        comment.id,
      );
      assert.equal(below.proxy.count(/^\S+ (?!\/comments\/)/), 0, 'nothing is asked for outside of the path');
      assert.ok(below.proxy.count(/^GET \/comments\/embed\/\w+\/core\.js/), 'control: the program came by the path');
      // The thread's own page, as linked from the thread, and the way back.
      const { thread } = await below.server.thread(url);
      assert.ok(thread.link.startsWith(`${below.proxy.base}/thread/`), thread.link);
      const page = await request(thread.link);
      assert.equal(page.status, 200);
      for (const [, address] of page.text.matchAll(/(?:href|src|action)="([^"#]+)"/g)) {
        assert.ok(
          address.startsWith(below.proxy.base) ||
            address.startsWith(pages.origin) ||
            !/^(\/|http:\/\/127)/.test(address),
          `${address} leaves the path`,
        );
      }
      const [, style] = page.text.match(/<link rel="stylesheet" href="([^"]+)"/);
      assert.equal((await request(style)).status, 200);
    } finally {
      await below.stop();
    }
  },
}));

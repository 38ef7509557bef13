// What the suites of switching begin with: a blog whose articles end as an owner of another system left them,
// a server whose site they belong to, and readers. Must never add to a page what its owner did not write.
// Next: switch.spec.mjs is Isso, the counts of others and old links; remark42.spec.mjs is Remark42.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Host, Server, closeBrowser, flat } from './harness.mjs';

export async function begin() {
  const host = await Host.start();
  const server = await Server.start({ origin: host.origin }).catch(async (error) => {
    await host.stop();
    throw error;
  });
  host.show(server);
  const strict = host.policy;
  return {
    host,
    server,

    /** What stands at the end of every article from now on. Scripts within the page are allowed by their hash. */
    show(tag, ...inline) {
      host.tag = tag + inline.map((text) => `<script>${text}</script>`).join('');
      const hashes = inline.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
      // Remark42's own snippet writes a script's address, which is what trusted types forbid.
      host.policy = inline.length
        ? () =>
            `default-src 'none'; script-src ${server.base} ${hashes.join(' ')}; connect-src ${server.base}; style-src 'self'`
        : strict;
    },

    /** Writes a comment below an article, and gives its id. */
    say: async (slug, text, more) => (await server.post(host.article(slug), { text, ...more })).comment.id,

    async stop() {
      await closeBrowser();
      await server.stop();
      await host.stop();
    },
  };
}

/** What the comments of an answer say. */
export const texts = (comments) =>
  flat(comments).map((one) =>
    one.body
      .flat(9)
      .filter((part) => typeof part === 'string' && part.length > 1)
      .join(''),
  );

export async function nothingComes(page) {
  await page.waitForTimeout(400);
  assert.equal(await page.locator('afterword-thread').count(), 0, 'nothing is mounted');
}

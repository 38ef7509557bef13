// The fixture of the suites about switching: a blog whose articles end as an owner of another system left them, a
// server with its site, and readers. Must never add to a page what its owner did not write.
// Next: switch.spec.mjs covers Isso, the counts of others and old links; remark42.spec.mjs covers Remark42.
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

    /** Sets the end of every article. Scripts within the page are allowed by their hash. */
    show(tag, ...inline) {
      host.tag = tag + inline.map((text) => `<script>${text}</script>`).join('');
      const hashes = inline.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`);
      // Remark42's own snippet sets a script's address, which Trusted Types forbid.
      host.policy = inline.length
        ? () =>
            `default-src 'none'; script-src ${server.base} ${hashes.join(' ')}; connect-src ${server.base}; style-src 'self'`
        : strict;
    },

    /** Posts a comment below an article, and returns its id. */
    say: async (slug, text, more) => (await server.post(host.article(slug), { text, ...more })).comment.id,

    async stop() {
      await closeBrowser();
      await server.stop();
      await host.stop();
    },
  };
}

/** The texts of the comments in a response. */
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

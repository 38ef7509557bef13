// Every form of an article's address: the thread, its link, the count and the compatibility scripts resolve each as a
// link of the page, and request it once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Host, Server, closeBrowser, visit } from './harness.mjs';

/** The form, the page's <base>, and the expected path, on a page at /posts/bees/?from=feed. */
const FORMS = [
  ['/posts/tea/', '', '/posts/tea/'],
  ['../tea/', '', '/posts/tea/'],
  ['tea/', '', '/posts/bees/tea/'],
  ['./', '', '/posts/bees/'],
  ['?p=1', '', '/posts/bees/?p=1'],
  ['#comments', '', '/posts/bees/?from=feed'],
  [' /posts/tea/#top ', '', '/posts/tea/'],
  ['tea/', '/blog/', '/blog/tea/'],
  ['?p=1', '/blog/', '/blog/?p=1'],
  ['/posts/tea/', '/blog/', '/posts/tea/'],
  ['//HOST/posts/tea/', '', '/posts/tea/'],
  ['ORIGIN/posts/tea/', '/blog/', '/posts/tea/'],
];
/** Without an address, the page's own is used, whatever its <base> is. */
const NONE = ['', '/blog/', '/posts/bees/?from=feed'];

class Pages extends Host {
  answer(request, answer) {
    const { pathname } = new URL(request.url, this.origin);
    if (!pathname.endsWith('/')) return super.answer(request, answer);
    answer.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': this.policy().replace("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
    });
    answer.end(this.page);
  }
}

let host;
let server;

before(async () => {
  host = await Pages.start();
  server = await Server.start({ origin: host.origin });
  host.show(server);
});

after(async () => {
  await closeBrowser();
  await server?.stop();
  await host?.stop();
});

/** Opens a page with this body; returns the articles requested from the server, and the refused ones. */
async function asked(base, inside, look) {
  host.page = `<!doctype html><html lang="en"><head><title>Bees</title>${base && `<base href="${base}">`}</head><body>${inside}</body></html>`;
  return visit({}, async (page) => {
    const seen = [];
    page.on('response', (response) => {
      const url = new URL(response.url());
      if (!url.pathname.includes('/api/') || url.pathname.endsWith('/live')) return;
      const pages = url.searchParams.getAll('page').filter((one) => one !== host.origin);
      seen.push([response.status(), ...pages]);
    });
    await page.goto(`${host.origin}/posts/bees/?from=feed#here`);
    await look(page);
    return seen;
  });
}

const script = (file) => `<script async src="${server.base}/${file}" data-site="blog"></script>`;
const tag = (attributes) => `<afterword-thread loading="eager" ${attributes}></afterword-thread>${script('embed.js')}`;
const filled = (text) => text.replace('ORIGIN', host.origin).replace('HOST', new URL(host.origin).host);
const attribute = (form) => (form ? `page-url="${filled(form)}"` : '');
const ready = (page) => page.locator('afterword-thread[state=ready]').waitFor({ state: 'attached' });
const name = (form, base) => `“${form}”${base && ` under <base href="${base}">`}`;

for (const [form, base, path] of [...FORMS, NONE]) {
  test(`the thread of ${name(form, base)}`, async () => {
    assert.deepEqual(await asked(base, tag(attribute(form)), ready), [[200, host.origin + path]]);
  });

  test(`the count of ${name(form, base)}`, async () => {
    const inside = `<afterword-count ${attribute(form)}>?</afterword-count>${script('count.js')}`;
    const counted = (page) => page.getByText('0', { exact: true }).waitFor();
    assert.deepEqual(await asked(base, inside, counted), [[200, host.origin + path]]);
  });
}

test('a thread that cannot be loaded is replaced by a link', async () => {
  const link = (page) => page.getByRole('link', { name: 'Comments' });
  host.page = `<!doctype html><html lang="en"><head><title>Bees</title><base href="/blog/"></head><body>${tag('page-url="tea/"')}</body></html>`;
  await visit({ expected: [/core\.js/, /ERR_FAILED/] }, async (page) => {
    await page.route('**/core.js', (route) => route.abort());
    await page.goto(`${host.origin}/posts/bees/`);
    await link(page).waitFor();
    const url = new URL(await link(page).getAttribute('href'));
    assert.equal(url.searchParams.get('page'), `${host.origin}/blog/tea/`);
  });
});

test('an invalid address is refused once, and the page’s own is used', async () => {
  const own = `${host.origin}/posts/bees/?from=feed`;
  const [first, ...rest] = await asked('', tag('page-url="http://"'), ready).catch((error) => {
    // The browser reports the response itself, too.
    assert.match(error.message, /422|400/);
    return [
      [400, 'http://'],
      [200, own],
    ];
  });
  assert.ok(first[0] >= 400 && first[1] === 'http://', String(first));
  assert.deepEqual(rest, [[200, own]]);
});

test('pages made for Isso and Remark42', async () => {
  const isso = '<section id="isso-thread" data-isso-id="/posts/tea/"></section>';
  assert.deepEqual(await asked('/blog/', `${isso}<script src="${server.base}/js/embed.min.js"></script>`, ready), [
    [200, `${host.origin}/posts/tea/`],
  ]);
  const counts = '<a href="/posts/tea/#isso-thread">?</a>';
  assert.deepEqual(
    await asked('/blog/', `${counts}<script src="${server.base}/js/count.min.js"></script>`, (page) =>
      page.getByText(/thought/).waitFor(),
    ),
    [[200, `${host.origin}/posts/tea/`]],
  );
  const remark = `<div id="remark42"></div><span class="remark42__counter" data-url="../tea/">?</span><script>remark_config = { host: '${server.base}', site_id: 'blog', url: '../tea/' }</script>`;
  const all = await asked(
    '',
    `${remark}<script src="${server.base}/web/embed.js"></script><script src="${server.base}/web/counter.js"></script>`,
    async (page) => {
      await ready(page);
      await page.getByText('0', { exact: true }).waitFor();
    },
  );
  assert.deepEqual(all, [
    [200, `${host.origin}/posts/tea/`],
    [200, `${host.origin}/posts/tea/`],
  ]);
});

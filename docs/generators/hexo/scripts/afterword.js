/* Puts the comment thread under every post of NexT and Butterfly. Settings: afterword in _config.yml. */
'use strict';

const { server = '', site, prerender } = hexo.config.afterword;
const base = server.replace(/\/+$/, '');
const written = new Map();
const escape = (text) => String(text).replace(/[&<>"]/g, (letter) => `&#${letter.codePointAt(0)};`);

// All threads in one call, before anything is made.
hexo.extend.filter.register('before_generate', async () => {
  if (!prerender) return;
  for (let cursor = ''; cursor !== null; ) {
    const answer = await fetch(`${base}/api/v1/sites/${site}/threads?cursor=${cursor}`);
    if (!answer.ok) throw new Error(`the comment server answers ${answer.status}: ${await answer.text()}`);
    const part = await answer.json();
    for (const thread of part.threads) for (const key of thread.keys) written.set(key, thread.html);
    cursor = part.cursor;
  }
});

function thread(page) {
  const path = new URL(page.permalink).pathname.replace(/(\/index\.html|\/)$/, '') || '/';
  const link = `<a href="${base}/thread/${site}?page=${encodeURIComponent(page.permalink)}">Read and write comments</a>`;
  return `<afterword-thread site="${site}" page-title="${escape(page.title)}">${written.get(path) || link}</afterword-thread>
<script async src="${base}/embed.js" data-site="${site}"></script>`;
}
hexo.extend.helper.register('afterword', thread);

// NexT has a place for it.
hexo.extend.filter.register('theme_inject', (injects) => {
  injects.comment.raw('afterword', '<div class="comments">{{ afterword(page) }}</div>', {}, { cache: false });
});

// Butterfly leaves an empty box where comments.use names a system that it does not know.
hexo.extend.filter.register('after_render:html', (html, { page }) =>
  page && page.permalink ? html.replace(/(<div class="comment-wrap">)<div><\/div>/, (_, box) => `${box}<div>${thread(page)}</div>`) : html,
);

// The comment threads of the site, asked for once in each build.
export const server = 'https://comments.example';
export const site = 'blog';
const prerender = true;

let threads;

/** The HTML of the thread under a path; empty where nobody has commented. */
export async function of(path) {
  threads ??= prerender ? all() : new Map();
  return (await threads).get(path.replace(/(\/index\.html|\/)$/, '') || '/') ?? '';
}

async function all() {
  const written = new Map();
  for (let cursor = ''; cursor !== null; ) {
    const answer = await fetch(`${server}/api/v1/sites/${site}/threads?cursor=${cursor}`);
    if (!answer.ok) throw new Error(`the comment server answers ${answer.status}: ${await answer.text()}`);
    const part = await answer.json();
    for (const thread of part.threads) for (const key of thread.keys) written.set(key, thread.html);
    cursor = part.cursor;
  }
  return written;
}

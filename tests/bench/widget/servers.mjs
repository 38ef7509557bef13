// The compared pages: one article, with Afterword's thread, with Isso's, and without one.
// Must never differ except in the tag, nor give one system comments that the other lacks.
// Next: isso.mjs runs Isso; race.mjs, tasks.mjs, weight.mjs and lighthouse.mjs measure.
import { once } from 'node:events';
import http from 'node:http';

/** A page with high scores of its own, so that every loss through a thread is seen. */
const article = (title, tag, paragraphs) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="What a summer with bees teaches: mostly patience.">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 auto; max-width: 42rem; padding: 1rem; font: 1.0625rem/1.6 serif; color: #222; background: #fff }</style>
</head>
<body>
<main>
<h1>${title}</h1>
${'<p>A hive tells you little, and tells it slowly: the pitch of the hum, the colour of the pollen, the weight of a frame when you lift it with two fingers. People ask whether it hurts. It does; then it doesn’t.</p>\n'.repeat(paragraphs)}
${tag}
</main>
</body>
</html>`;

/** A blog whose every address is an article: `/NAME/?with=afterword`. */
export class Blog {
  static async start() {
    const blog = new Blog();
    blog.tags = { nothing: '' };
    blog.server = http.createServer((request, answer) => {
      const { pathname, searchParams } = new URL(request.url, 'http://blog');
      const tag = blog.tags[searchParams.get('with') ?? 'nothing'];
      answer.writeHead(tag === undefined || pathname.includes('.') ? 404 : 200, {
        'content-type': 'text/html; charset=utf-8',
      });
      answer.end(
        article(
          'On keeping bees',
          (tag ?? '').replaceAll('PAGE', `${blog.origin}${pathname}`),
          pathname.startsWith('/long') ? 40 : 2,
        ),
      );
    });
    blog.server.listen(0, '127.0.0.1');
    await once(blog.server, 'listening');
    blog.origin = `http://127.0.0.1:${blog.server.address().port}`;
    return blog;
  }

  /** The API address of an article's thread; the same for all systems. */
  page(name) {
    return `${this.origin}/${name}/`;
  }

  address(name, system) {
    return `${this.page(name)}?with=${system}`;
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const sentences = [
  'The smoker needs dry grass, and not too much of it.',
  'We lost two colonies to mites that year; the third came through, heavy and loud.',
  'Do you feed them *after* the last harvest, or before the first frost?',
  'My grandfather put the hives where the lime trees are, and never moved them again.',
  'I would not open them below twelve degrees. See [the old table](https://bees.example/table).',
];

/**
 * `count` comments of various lengths; every second one is a reply, no comment has more than five, and no reply is
 * nested deeper than `deepest`. `parent` is an index into the list.
 */
export function comments(count, deepest) {
  const made = [];
  for (let n = 0; n < count; n++) {
    let parent = null;
    if (n % 2) {
      const candidate = made.findLast((one, at) => one.depth < deepest && one.answers < 5 && (at * 7 + n) % 3 === 0);
      if (candidate) parent = made.indexOf(candidate);
    }
    if (parent !== null) made[parent].answers++;
    const text = Array.from({ length: 1 + (n % 3) }, (_, at) => sentences[(n + at * 2) % sentences.length]).join(
      '\n\n',
    );
    made.push({
      n,
      parent,
      depth: parent === null ? 0 : made[parent].depth + 1,
      answers: 0,
      name: `Reader ${n % 17}`,
      text: `${n}: ${text}`,
    });
  }
  return made;
}

/** Posts them one after the other with `post(comment, idOfParent)`, which returns the new id. */
export async function seed(list, post) {
  const ids = [];
  for (const one of list) ids.push(await post(one, one.parent === null ? null : ids[one.parent]));
  return ids;
}

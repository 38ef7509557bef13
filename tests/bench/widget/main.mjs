// The command behind ./run: fills both servers with the same comments, and prints the cost of a thread.
// Must never print a number that was not measured in this run. README.md says what each means.
import { Server, closeBrowser, visit } from '../../browser/harness.mjs';
import { depth, shifts, waterfall } from '../../browser/waterfall.mjs';
import { Isso } from './isso.mjs';
import { categories, scores } from './lighthouse.mjs';
import { Blog, comments, seed } from './servers.mjs';
import { race } from './race.mjs';
import { tasks } from './tasks.mjs';

const parts = ['waterfall', 'shift', 'tasks', 'race', 'lighthouse'];
const wanted = process.argv.slice(2).length ? process.argv.slice(2) : parts;
for (const part of wanted)
  if (!parts.includes(part)) throw new Error(`no part '${part}'; there are: ${parts.join(' ')}`);
const runs = Number(process.env.RUNS ?? 11);

const networks = {
  'no delay': [null, 'direct'],
  // Lighthouse's “slow 4G”: 150 ms and 1.6 Mbit/s.
  'slow 4G': [{ latency: 150, downloadThroughput: 204800, uploadThroughput: 93750 }, 'fronted'],
};

const firstOf = (page) => page.locator('article.comment, #isso-root .isso-comment').first();
const shown = (page) => firstOf(page).isVisible();
const fixed = (number) => number.toFixed(1).padStart(8);

let blog, afterword, isso;
const parting = [];

async function fill() {
  blog = await Blog.start();
  parting.push(() => blog.stop());
  afterword = await Server.start({ origin: blog.origin, owner: null });
  parting.push(() => afterword.stop());
  blog.tags.afterword = afterword.tag.replace('<script', '<script data-page-url="PAGE"');
  const write = (name, list) =>
    seed(
      list,
      async (one, parent) =>
        (await afterword.post(blog.page(name), { name: one.name, text: one.text, parent })).comment.id,
    );
  const hundred = comments(100, 1);
  await write('hundred', hundred);
  await write('long-hundred', hundred);
  if (wanted.includes('tasks')) {
    await write('deep', comments(100, 9));
    await write('thousand', comments(1000, 9));
  }
  if (wanted.includes('race') || wanted.includes('waterfall')) {
    isso = await Isso.start({ program: process.env.ISSO_BIN, origin: blog.origin });
    parting.push(() => isso.stop());
    blog.tags.isso = isso.tag(isso.base);
    blog.tags['isso-fronted'] = isso.tag(isso.fronted);
    await seed(hundred, (one, parent) => isso.post(blog.page('hundred'), one, parent));
  }
}

const does = {
  async waterfall() {
    for (const [system, origin] of [
      ['afterword', afterword.base],
      ['isso-fronted', isso.fronted],
    ]) {
      console.log(`\n${system}: round, bytes as sent, request`);
      await visit({ expected: [/./] }, async (page) => {
        const requests = await waterfall(page, origin, blog.address('hundred', system), shown);
        for (const { round, bytes, path, after } of requests)
          console.log(`  ${round} ${String(bytes).padStart(7)}  ${path}${after ? '  (the reader reads already)' : ''}`);
        const before = requests.filter((one) => !one.after);
        const sum = before.reduce((all, one) => all + one.bytes, 0);
        console.log(`  before the first comment: ${before.length} requests in ${depth(requests)} rounds, ${sum} bytes`);
      });
    }
  },

  async shift() {
    for (const name of ['hundred', 'long-hundred']) {
      await visit({}, async (page) => {
        await page.addInitScript(shifts);
        await page.goto(blog.address(name, 'afterword'), { waitUntil: 'load' });
        await page.mouse.move(600, 500);
        for (let screen = 0; screen < 30; screen++) {
          await page.mouse.wheel(0, 500);
          await page.waitForTimeout(50);
        }
        await firstOf(page).waitFor();
        console.log(`layout shift, ${name}: ${await page.evaluate(() => window.moved)}`);
      });
    }
  },

  async tasks() {
    const cases = [
      ['the page without a thread', 'hundred', 'nothing', 0, { seconds: 3 }],
      ['100 comments', 'hundred', 'afterword', 100, { seconds: 5 }],
      ['100 comments, nested', 'deep', 'afterword', 100, { seconds: 5 }],
      ['1,000 comments, first page', 'thousand', 'afterword', 50, { seconds: 5 }],
      ['1,000 comments, every page of them', 'thousand', 'afterword', 1000, { seconds: 40, all: true }],
    ];
    for (const [title, name, system, least, how] of cases) {
      const longest = [];
      let worst;
      for (let run = 0; run < 5; run++) {
        const { tasks: found, drawn } = await tasks(blog.address(name, system), 4, how);
        if (drawn < least) throw new Error(`${title}: only ${drawn} comments stood there`);
        longest.push([found[0].ms, found.filter((one) => one.ms > 50).length]);
        if (!worst || found[0].ms > worst[0].ms) worst = found;
      }
      longest.sort((a, b) => a[0] - b[0]);
      console.log(
        `\n${title}: longest task at 4× (median of 5, min, max)${[2, 0, 4].map((at) => fixed(longest[at][0])).join('')} ms; tasks over 50 ms: ${longest.map((one) => one[1]).join(', ')}`,
      );
      for (const one of worst.slice(0, 3)) console.log(`  ${fixed(one.ms)}  ${one.inside.join(' | ')}`);
    }
  },

  async race() {
    for (const [title, [network, how]] of Object.entries(networks)) {
      const result = await race(
        {
          afterword: blog.address('hundred', 'afterword'),
          isso: blog.address('hundred', how === 'direct' ? 'isso' : 'isso-fronted'),
        },
        network,
        runs,
      );
      console.log(`\n${title}: from navigation to the first comment, ${result.runs} runs each (median, min, max)`);
      for (const system of ['afterword', 'isso']) {
        const { median, min, max } = result[system];
        console.log(`  ${system.padEnd(10)}${fixed(median)}${fixed(min)}${fixed(max)} ms`);
      }
      const { min, median, max } = result.pairs;
      console.log(
        `  Isso needs ${result.ratio.toFixed(2)} times as long (pairs: median ${median.toFixed(2)}, min ${min.toFixed(2)}, max ${max.toFixed(2)})`,
      );
    }
  },

  async lighthouse() {
    const result = await scores(blog.address('hundred', 'afterword'), blog.address('hundred', 'nothing'), 3);
    console.log('\nLighthouse: with, without, difference (medians of 3)');
    for (const name of categories)
      console.log(`  ${name.padEnd(16)}${result.with[name]}  ${result.without[name]}  ${result.difference[name]}`);
    console.log(`  short only with the thread: ${result.short.join(', ') || 'nothing'}`);
  },
};

try {
  await fill();
  for (const part of wanted) await does[part]();
} finally {
  await closeBrowser();
  for (const stop of parting.reverse()) await stop().catch((error) => console.error(String(error)));
}

// Routers from npm: Swup, Barba, htmx and InstantClick, each with the tag inside the replaced part, and in the head.
// A comment goes to the article that is shown, under its title, and a draft stays with its article.
// Next: routers.mjs has Turbo, pjax and custom routers; ../../../generators drives Astro and VitePress.
import assert from 'node:assert/strict';
import { widget as names } from '../../names.mjs';
import { article, until } from '../fixture.mjs';

/** The title of the first is part of the last one's: a left-over title must not be used for the last. */
const TITLES = { one: 'Bees', two: 'On wasps', three: 'Of Bees' };
const ARTICLES = Object.keys(TITLES);

/** `head` starts the router, `above` and `below` surround the replaced part, `nav` and `link` are attributes for it. */
const ROUTERS = [
  {
    name: 'Swup with its plug-ins for head and scripts',
    files: ['/swup.js', '/swup-head.js', '/swup-scripts.js'],
    begin:
      "new Swup({ containers: ['#content'], animationSelector: false, plugins: [new SwupHeadPlugin(), new SwupScriptsPlugin()] })",
  },
  {
    name: 'Swup alone',
    files: ['/swup.js'],
    begin: "new Swup({ containers: ['#content'], animationSelector: false })",
  },
  {
    name: 'Barba',
    files: ['/barba.js'],
    begin: 'barba.init()',
    above: '<div data-barba="wrapper"><div data-barba="container" data-barba-namespace="article">',
    below: '</div></div>',
  },
  { name: 'htmx 2 with hx-boost', files: ['/htmx.js'], nav: 'hx-boost="true"' },
  {
    name: 'htmx 2 with hx-push-url',
    files: ['/htmx.js'],
    link: 'hx-target="#content" hx-select="#content" hx-swap="outerHTML" hx-push-url="true"',
  },
  { name: 'htmx 4 with hx-boost', files: ['/htmx4.js'], nav: 'hx-boost:inherited="true"' },
  { name: 'InstantClick', files: ['/instantclick.js'], begin: 'InstantClick.init()' },
];

const started = (begin) => `addEventListener('DOMContentLoaded', () => { ${begin}; });`;

/** Three articles with canonical link and og:title: two have a comment, the third has no thread yet. */
async function write(fixture, folder, { files, begin = '', above = '', below = '', nav = '', link = '' }, inHead) {
  const { origin } = fixture.pages;
  const path = (name) => `${folder}${name}/`;
  fixture.pages.files.set(`${folder}start.js`, begin && started(begin));
  const links = ARTICLES.map(
    (name) => `<a id="to-${name}" href="${path(name)}" ${link && `hx-get="${path(name)}" ${link}`}>${name}</a>`,
  );
  const scripts = [...files, `${folder}start.js`].map((file) => `<script src="${file}"></script>`).join('\n');
  for (const name of ARTICLES) {
    const head = `<link rel="canonical" href="${origin}${path(name)}">\n<meta property="og:title" content="${TITLES[name]}">\n${scripts}\n${inHead ? fixture.tag : ''}`;
    const thread = inHead ? '<afterword-thread></afterword-thread>' : fixture.tag;
    const url = fixture.pages.put(
      path(name),
      article({ title: TITLES[name], head, above: `<nav ${nav}>${links.join(' ')}</nav>${above}`, thread, below }),
    );
    if (name !== 'three') await fixture.server.post(url, { title: TITLES[name], text: `Said under ${name}.` });
  }
  return (name) => origin + path(name);
}

/** The thread of this article and of no other, once. */
async function shows(reader, fixture, name) {
  const [mine, ...others] = [name, ...ARTICLES.filter((one) => one !== name)].map((one) => `Said under ${one}.`);
  await reader.until(`the address of ${name}`, (name) => location.pathname.endsWith(`/${name}/`), name);
  await reader.until(
    `the thread of ${name} alone`,
    (mine, others) => {
      document.querySelector('afterword-thread')?.scrollIntoView();
      return (
        document.querySelectorAll('afterword-thread').length === 1 &&
        probe.thread().getAttribute('state') === 'ready' &&
        probe.find({ css: 'textarea' }).length &&
        (!mine || probe.text().includes(mine)) &&
        !others.some((other) => probe.text().includes(other))
      );
    },
    name !== 'three' && mine,
    others,
  );
  await until('one connection for news', () => fixture.proxy.live === 1);
}

const press = (reader, name) => reader.click({ page: true, css: `#to-${name}` });
const typed = (reader) => reader.evaluate(() => probe.find({ css: 'textarea' })[0].value);

/** Follows a link there, and comes back with the browser's Back button. */
async function goAround(fixture, router, inHead, folder) {
  const at = await write(fixture, folder, router, inHead);
  const reader = await fixture.reader();
  const said = async (name) =>
    (await fixture.server.thread(at(name))).comments.map((one) =>
      one.body
        .flat(9)
        .filter((part) => /under/.test(part))
        .join(''),
    );
  await reader.open(at('one'));
  await reader.evaluate(() => (window.mark = 1));
  await shows(reader, fixture, 'one');
  await reader.click({ css: 'textarea' });
  await reader.find({ css: 'button', name: names.post });
  await reader.type('Half a thought');

  await press(reader, 'two');
  await shows(reader, fixture, 'two');
  assert.equal(await typed(reader), '', 'the draft stays with its article');
  await reader.write({ text: 'Written under two.' });

  await reader.tab.back();
  await shows(reader, fixture, 'one');
  await reader.until('the draft', () => probe.find({ css: 'textarea' })[0].value === 'Half a thought');

  await press(reader, 'three');
  await shows(reader, fixture, 'three');
  assert.equal(await typed(reader), '', 'the draft stays with its article');
  await reader.write({ text: 'Written under three.' });

  await press(reader, 'two');
  await shows(reader, fixture, 'two');
  await reader.sees('Written under two.');
  assert.equal(await reader.evaluate(() => window.mark), 1, 'it was one document all the time');
  assert.deepEqual(await said('one'), ['Said under one.']);
  assert.deepEqual(await said('two'), ['Said under two.', 'Written under two.']);
  assert.deepEqual(await said('three'), ['Written under three.']);
  assert.equal((await fixture.server.thread(at('three'))).thread.title, TITLES.three);
}

export default ROUTERS.flatMap((router, n) =>
  [false, true].map((inHead) => ({
    name: `${router.name}, ${inHead ? 'the element in the body and the tag in the head' : 'the tag in the body'}`,
    run: (fixture) => goAround(fixture, router, inHead, `/library-${n}${inHead ? '-head' : ''}/`),
  })),
);

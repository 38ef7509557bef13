// The build of each site: the documented files over a small site, with the addresses of this run.
// The configuration that owners are told to write comes from the documentation, too.
// Next: generators.spec.mjs reads the built sites in a browser.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const documents = path.resolve(here, '../../docs/generators');
const modules = path.join(here, 'node_modules');
const text = await readFile(path.join(documents, 'README.md'), 'utf8');

/** The blocks of one language in one section of the documentation. */
export function blocks(chapter, language) {
  const part = text.split(/^## /m).find((one) => one.startsWith(`${chapter}\n`)) ?? '';
  const found = [...part.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter((block) => block[1] === language)
    .map((block) => block[2]);
  if (!found.length) throw new Error(`the chapter ${chapter} has no ${language}`);
  return found;
}

/** The inputs of a build: its folder, its address, and the comment server's address. */
class Site {
  constructor(folder, origin, comments) {
    Object.assign(this, { folder, origin, comments });
  }

  /** The documentation's text with this run's server. */
  own(written) {
    return written.replaceAll('https://comments.example', this.comments);
  }

  async put(name, content) {
    await writeFile(path.join(this.folder, name), content);
  }

  /** Copies documented files to the same relative paths. */
  async copy(from, to = '.') {
    const target = path.join(this.folder, to);
    await cp(path.join(documents, from), target, { recursive: true });
    for (const entry of await readdir(path.join(documents, from), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(target, path.relative(path.join(documents, from), entry.parentPath), entry.name);
      await writeFile(file, this.own(await readFile(file, 'utf8')));
    }
  }

  async run(command, ...args) {
    const child = spawn(command, args, {
      cwd: this.folder,
      env: { ...process.env, JEKYLL_ENV: 'production', ASTRO_TELEMETRY_DISABLED: '1', NO_COLOR: '1' },
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
    const code = await new Promise((done, fail) => child.on('exit', done).on('error', fail));
    if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${printed.slice(-6000)}`);
    return printed;
  }

  node(script, ...args) {
    return this.run(process.execPath, path.join(modules, script), ...args);
  }
}

async function hugo(site, slot) {
  await site.copy('hugo');
  const [settings, stack] = blocks('Hugo', 'toml').map((block) => site.own(block));
  const head = `baseURL = "${site.origin}/"\n`;
  const ours = slot === 'stack' ? settings.replace(/^comments = .*$/m, 'slot = "stack"') + stack : settings;
  // The file name that every version of Hugo reads.
  // A newer Hugo sends no request to an IP address, as this run's server has.
  await site.put('config.toml', `${head}${ours}\n[security.http]\nurls = [".*"]\n`);
  await site.run('hugo', '--cacheDir', path.join(site.folder, 'cache'));
  return 'public';
}

async function jekyll(site) {
  await site.copy('jekyll');
  await site.put('_config.yml', `url: ${site.origin}\n` + site.own(blocks('Jekyll', 'yaml')[0]));
  await site.run('sh', '-c', site.own(blocks('Jekyll', 'sh')[0]));
  await site.run('jekyll', 'build');
  return '_site';
}

/** The plug-ins in Chirpy's Gemfile. */
const PLUGINS = ['paginate', 'redirect-from', 'seo-tag', 'archives', 'sitemap'];

/** The theme itself is a whole site; only addresses and posts are ours. */
async function chirpy(site) {
  const theme = path.join(modules, 'jekyll-theme-chirpy');
  const posts = path.join(site.folder, '_posts');
  for (const name of await readdir(theme)) {
    if (!['_posts', 'Gemfile', 'package.json', 'node_modules', '_plugins'].includes(name))
      await cp(path.join(theme, name), path.join(site.folder, name), { recursive: true });
  }
  // A newer Jekyll than the theme's own rejects one of its language files.
  for (const name of await readdir(path.join(site.folder, '_data/locales')))
    if (name !== 'en.yml') await rm(path.join(site.folder, '_data/locales', name));
  for (const name of await readdir(posts)) {
    const file = path.join(posts, name);
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^layout: .*$/m, 'layout: post'));
  }
  const before = await readFile(path.join(theme, '_includes/comments.html'), 'utf8');
  await site.copy('jekyll');
  await site.put('_includes/comments.html', before);
  // The theme is the site here, not a gem.
  const style = 'assets/css/style.scss';
  await site.put(
    style,
    (await readFile(path.join(theme, style), 'utf8')).replace('{{ site.theme }}', 'jekyll-theme-chirpy'),
  );
  const config = await readFile(path.join(theme, '_config.yml'), 'utf8');
  await site.put(
    '_config.yml',
    config
      .replace(/^theme: .*$/m, '')
      .replace(/^url: .*$/m, `url: ${site.origin}`)
      .replace(/^ {2}active:.*$/m, '  active: afterword'),
  );
  await site.put(
    '_afterword.yml',
    site.own(blocks('Jekyll', 'yaml')[0]).split(/^comments:/m)[0] +
      `plugins: [${PLUGINS.map((name) => `jekyll-${name}`)}]\n`,
  );
  await site.run('sh', '-c', site.own(blocks('Jekyll', 'sh')[0]));
  await site.run('jekyll', 'build', '--config', '_config.yml,_afterword.yml');
  return '_site';
}

async function hexo(site, theme) {
  await site.copy('hexo');
  await symlink(modules, path.join(site.folder, 'node_modules'));
  const [settings, butterfly] = blocks('Hexo', 'yaml').map((block) => site.own(block));
  await site.put(
    '_config.yml',
    `url: ${site.origin}\ntitle: Tea\npermalink: posts/:title/\ntheme: ${theme}\n` + settings,
  );
  if (theme === 'butterfly') await site.put('_config.butterfly.yml', butterfly);
  await site.node('hexo/bin/hexo', 'generate');
  return 'public';
}

async function eleventy(site) {
  await site.copy('eleventy');
  await site.node('@11ty/eleventy/cmd.cjs', '--output=_site');
  return '_site';
}

async function astro(site) {
  await site.copy('astro');
  return astroBuilt(site);
}

/** A link to the packages, under which Astro's own components are found. */
async function astroBuilt(site) {
  await symlink(modules, path.join(site.folder, 'node_modules'));
  await site.put(
    'astro.config.mjs',
    `export default { site: '${site.origin}', vite: { resolve: { preserveSymlinks: true } } };\n`,
  );
  await site.node('astro/astro.js', 'build');
  return 'dist';
}

async function vitepress(site) {
  await site.copy('vitepress');
  await symlink(modules, path.join(site.folder, 'node_modules'));
  await site.node('vitepress/bin/vitepress.js', 'build');
  return '.vitepress/dist';
}

/** A documentation site at the root, as small as the theme allows. */
async function docusaurus(site) {
  await site.copy('docusaurus');
  await symlink(modules, path.join(site.folder, 'node_modules'));
  await site.put(
    'docusaurus.config.mjs',
    `export default {
  title: 'Tea',
  url: '${site.origin}',
  baseUrl: '/',
  trailingSlash: true,
  onBrokenLinks: 'ignore',
  plugins: [['@docusaurus/plugin-content-docs', { routeBasePath: '/', sidebarPath: false }]],
  themes: ['@docusaurus/theme-classic'],
};
`,
  );
  await site.node('@docusaurus/core/bin/docusaurus.mjs', 'build');
  return 'build';
}

/** The tag alone, without the element of the documentation. */
async function alone(site) {
  await site.copy('astro');
  await site.put(
    'src/components/Afterword.astro',
    `<script is:inline async src="${site.comments}/embed.js" data-site="blog"></script>\n`,
  );
  return astroBuilt(site);
}

/** Each build with its folder in `sites/`, and whether the built pages contain comments. */
export const GENERATORS = [
  { name: 'Hugo, in the slot of PaperMod', site: 'hugo', build: (site) => hugo(site, 'papermod'), prerender: true },
  { name: 'Hugo, in the slot of Stack', site: 'hugo', build: (site) => hugo(site, 'stack'), prerender: true },
  { name: 'Jekyll, in the slot of Minimal Mistakes', site: 'jekyll', build: jekyll, prerender: true },
  { name: 'Jekyll with Chirpy', site: 'jekyll', build: chirpy, prerender: true, foreign: true },
  { name: 'Hexo with NexT', site: 'hexo', build: (site) => hexo(site, 'next'), prerender: true, foreign: true },
  {
    name: 'Hexo with Butterfly',
    site: 'hexo',
    build: (site) => hexo(site, 'butterfly'),
    prerender: true,
    foreign: true,
  },
  { name: 'Eleventy', site: 'eleventy', build: eleventy, prerender: true },
  { name: 'Astro', site: 'astro', build: astro, prerender: true },
  { name: 'Docusaurus', site: 'docusaurus', build: docusaurus, prerender: false, spa: true },
  { name: 'VitePress', site: 'vitepress', build: vitepress, prerender: false, spa: true },
];

/** Builds whose pages are shown by a router, without a reload. */
export const ROUTERS = [
  { name: 'Astro with ClientRouter', site: 'astro-router', build: astro },
  { name: 'Astro with ClientRouter and the tag alone', site: 'astro-router', build: alone },
  { name: 'Docusaurus and its router', site: 'docusaurus', build: docusaurus },
  { name: 'VitePress and its router', site: 'vitepress', build: vitepress },
];

/** Builds into a fresh folder; returns the folder of the pages. */
export async function built({ site: name, build }, origin, comments) {
  const folder = await mkdtemp(path.join(tmpdir(), `afterword-${name}-`));
  await cp(path.join(here, 'sites', name), folder, { recursive: true });
  const site = new Site(folder, origin, comments);
  return { folder, pages: path.join(folder, await build(site)) };
}

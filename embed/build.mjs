// Builds the files that readers' browsers load, from src/ and i18n/ into dist/.
// The same sources and the same lock file always produce the same bytes: no dates, hashes or paths.
// File names are fixed here; the server hashes the folder and replaces the placeholder in embed.js.
// Next: src/loader.ts, core.ts, composer.ts and enhancements.ts are the main entries; `parts` below and compat/ have
// the others; size.mjs has the budgets.
import { build, transform } from "esbuild";
import { minify } from "terser";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const placeholder = "__AFTERWORD_EMBED__";

// Browsers with adoptedStyleSheets, color-mix, container queries and ARIA reflection: all since the end of 2023.
const target = ["chrome111", "firefox119", "safari16.4"];

/** Imports a style sheet as a minified string, as constructable style sheets need it. */
const styles = {
  name: "styles",
  setup(work) {
    work.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true, target });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const catalogue = (tag) => JSON.parse(readFileSync(join(here, `i18n/${tag}.json`), "utf8"));
const english = catalogue("en");
const times = catalogue("times");
/** The part of the widget that shows a message; page.… are the server's own. */
const partOf = (key) => /^(write|later|page)\./.exec(key)?.[1] || "core";
/** A hash of a part's keys, first in its list of messages and in the program: another build may have another order. */
const editionOf = (part) => createHash("sha256").update(keysOf(part).join()).digest("base64url").slice(0, 4);
const keysOf = (part) => Object.keys(english).filter((key) => partOf(key) === part);

/** Gives each part of the program its own English messages. */
const words = (part) => ({
  name: "words",
  setup(work) {
    work.onLoad({ filter: /i18n.en\.json$/ }, () => ({
      contents: JSON.stringify(
        Object.fromEntries([["", editionOf(part)], ...keysOf(part).map((key) => [key, english[key]])]),
      ),
      loader: "json",
    }));
  },
});

/** The messages of another language without their keys: they come in the order of the English ones. */
function locale(tag) {
  const phrases = catalogue(tag);
  const list = (part) =>
    JSON.stringify([editionOf(part), ...keysOf(part).map((key) => phrases[key] ?? 0)]).replace(
      /"(one|two|few|many|other|zero)":/g,
      "$1:",
    );
  return {
    [`i18n/${tag}.js`]: `export const tag=${JSON.stringify(tag)},times=${JSON.stringify(times[tag]).replace(/"(\w+)":/g, "$1:")},core=${list("core")},later=${list("later")},write=()=>import("./${tag}.write.js");`,
    [`i18n/${tag}.write.js`]: `export default ${list("write")};`,
  };
}

/** The English time formats; the files of other languages contain their own. */
const englishTimes = {
  name: "times",
  setup(work) {
    work.onLoad({ filter: /i18n.times\.json$/ }, () => ({
      contents: JSON.stringify({ en: times.en }),
      loader: "json",
    }));
  },
};

/** The plural forms of the count in each language, for links that show it with words. */
const counted = {
  name: "counted",
  setup(work) {
    work.onResolve({ filter: /^i18n:plain$/ }, ({ path }) => ({ path, namespace: "counted" }));
    work.onLoad({ filter: /./, namespace: "counted" }, () => {
      const forms = ["en", ...languages].map((tag) => [tag, { ...catalogue(tag).plain, zero: undefined }]);
      return { contents: JSON.stringify(Object.fromEntries(forms)), loader: "json" };
    });
  },
};

/** The entry of each lazy part and separate script, by the name of its file in dist/. */
const entries = {
  core: "core",
  composer: "composer",
  enhancements: "enhancements",
  "light-dom": "dom/light-dom",
  prerendered: "thread/prerendered",
  address: "thread/address",
  permalink: "thread/permalink",
  diagnostics: "thread/diagnostics",
  upgraded: "thread/upgraded",
};
const scripts = { count: "count/element", recent: "recent/element" };

/** The exports of core.js for the other parts, by source file: src/core.ts lists them. */
const shared = Object.fromEntries(
  [...readFileSync(join(here, "src/core.ts"), "utf8").matchAll(/^export \{ (.+) \} from "\.\/(.+)";$/gm)].map(
    ([, names, file]) => [file, names],
  ),
);

/**
 * Resolves the imports of a part. One that ends in .js names another file of dist/, where all files are side by side.
 * What core.js exports is imported from there, whichever source file an import names, so that it exists once.
 */
const parts = (entry) => ({
  name: "parts",
  setup(work) {
    const source = (path, resolveDir) => relative(join(here, "src"), join(resolveDir, path));
    work.onResolve({ filter: /^\..*\.js$/, namespace: "file" }, ({ path, resolveDir }) => {
      const part = Object.keys(entries).find((name) => `${entries[name]}.js` === source(path, resolveDir));
      return part
        ? { path: `./${part}.js`, external: true }
        : { errors: [{ text: `${path} is no part of the program` }] };
    });
    if (entry === "core" || !Object.values(entries).includes(entry)) return;
    work.onResolve(
      { filter: /^\./, namespace: "file" },
      ({ path, resolveDir }) => shared[source(path, resolveDir)] && { path: "./core.js", external: true },
    );
  },
});

/** Merges all imports from core.js into one. */
function once(text) {
  const imported = [];
  const rest = text.replace(/import\{([^}]+)\}from"\.\/core\.js";/g, (_, names) => (imported.push(names), ""));
  return imported.length ? `import{${imported}}from"./core.js";${rest}` : text;
}

async function bundle(entry, options) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: [`src/${entry}.ts`],
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    legalComments: "none",
    target,
    plugins: [
      parts(entry),
      styles,
      counted,
      englishTimes,
      words({ composer: "write", enhancements: "later" }[entry] || entry),
    ],
    // Classes and modules are always strict; the loader saves the "use strict" directive.
    tsconfigRaw: {
      compilerOptions: { alwaysStrict: false, strict: false, target: "es2022", useDefineForClassFields: false },
    },
    ...options,
  });
  // embed.js is a classic script, whatever its format here.
  const module = options.format === "esm" && (entry !== "loader" || options.define.RENEW === "true");
  // esbuild bundles and minifies; terser saves two more per cent in brotli.
  const terser = { ecma: 2020, module, compress: { ecma: 2020, passes: 2 }, format: { ecma: 2020 } };
  return (await minify(once(result.outputFiles[0].text), terser)).code;
}

/** The languages other than English. */
export const languages = readdirSync(join(here, "i18n"))
  .filter((name) => name.endsWith(".json") && !["en.json", "times.json"].includes(name))
  .map((name) => name.slice(0, -5));

/**
 * Scripts with the names and addresses of other systems' scripts. The module that finds the server comes first; the
 * loader uses its export as the script tag.
 */
async function compat(name, entry, server) {
  const module = name.endsWith(".mjs");
  const text = await bundle(`compat/${entry}`, {
    format: module ? "esm" : "iife",
    inject: [join(here, `src/compat/${server}-server.ts`)],
    define: { RENEW: "false", "document.currentScript": "ownScript", ...(module ? {} : { "import.meta.url": '""' }) },
  });
  if (text.split(placeholder).length > 2) throw new Error(`dist/compat/${name} must not name ${placeholder} twice`);
  return { [`compat/${name}`]: text };
}

/** All files of dist/, by name. Tests build them, too, and compare. */
export async function files() {
  // A block keeps its names out of the global scope; a function around it would be longer.
  const loader = await bundle("loader", { format: "esm", define: { RENEW: "false", "import.meta.url": '""' } });
  if (loader.split(placeholder).length !== 2) throw new Error(`dist/embed.js must name ${placeholder} exactly once`);
  const built = {
    "embed.js": loader,
    "renew.js": await bundle("loader", { format: "esm", define: { RENEW: "true" } }),
  };
  // The response to upgraded.js for a page that runs another build.
  built["present.js"] = `import"../../${placeholder}/renew.js";`;
  // One program in several files: each imports others and none contains another.
  for (const name in entries) built[`${name}.js`] = await bundle(entries[name], { format: "esm" });
  for (const name in scripts) built[`${name}.js`] = await bundle(scripts[name], { format: "iife" });
  const others = [compat("js/embed.min.js", "isso", "isso"), compat("js/count.min.js", "isso-count", "isso")];
  for (const [name, entry] of [
    ["embed", "remark42"],
    ["counter", "remark42-counter"],
    ["last-comments", "remark42-last"],
  ]) {
    for (const ending of ["js", "mjs"]) others.push(compat(`web/${name}.${ending}`, entry, "remark"));
  }
  return Object.assign(built, ...(await Promise.all(others)), ...languages.map(locale));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dist = join(here, "dist");
  rmSync(dist, { recursive: true, force: true });
  for (const [name, text] of Object.entries(await files())) {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    writeFileSync(join(dist, name), text);
  }
}

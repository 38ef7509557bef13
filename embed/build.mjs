// Builds the three files that readers' browsers load, from src/ into dist/.
// The same sources and the same lock file always give the same bytes: no dates, no hashes, no paths.
// File names stay fixed here; the server hashes the folder and fills in the placeholder in embed.js.
// Next: src/loader.ts, src/core.ts and src/composer.ts are the entries; size.mjs holds the budgets.
import { build, transform } from "esbuild";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
export const placeholder = "__AFTERWORD_EMBED__";

// Browsers with adoptedStyleSheets, color-mix and container queries: all of them since spring 2023.
const target = ["chrome111", "firefox113", "safari16.4"];

/** Style sheets become minified strings, since a constructable sheet wants text. */
const styles = {
  name: "styles",
  setup(work) {
    work.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true, target });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/** Each half of the program carries its own half of the English words: composer.js those under write. */
const words = (entry) => ({
  name: "words",
  setup(work) {
    work.onLoad({ filter: /i18n.en\.json$/ }, ({ path }) => {
      const all = Object.entries(JSON.parse(readFileSync(path, "utf8")));
      const half = all.filter(([key]) => key.startsWith("write.") === (entry === "composer"));
      return { contents: JSON.stringify(Object.fromEntries(half)), loader: "json" };
    });
  },
});

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
    plugins: [styles, words(entry)],
    // Classes and modules are strict anyway; the loader saves the line that says so.
    tsconfigRaw: { compilerOptions: { alwaysStrict: false, strict: false, target: "es2022" } },
    ...options,
  });
  return result.outputFiles[0].text;
}

/** All files of dist/, by name. Tests build them too, and compare. */
export async function files() {
  const loader = await bundle("loader", { format: "iife" });
  // core and composer are one program in two files: each names the other and neither contains it.
  const core = await bundle("core", { format: "esm", external: ["./composer.js"] });
  const composer = await bundle("composer", { format: "esm", external: ["./core.js"] });
  if (loader.split(placeholder).length !== 2) throw new Error(`dist/embed.js must name ${placeholder} exactly once`);
  return { "embed.js": loader, "core.js": core, "composer.js": composer };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(here, "dist"), { recursive: true });
  for (const [name, text] of Object.entries(await files())) writeFileSync(join(here, "dist", name), text);
}

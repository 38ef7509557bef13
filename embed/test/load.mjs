// Imports one TypeScript module for a test, bundled in memory as the build does it.
// Must never write a file. Next: any *.test.mjs beside it.
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

export async function load(name) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    loader: { ".css": "text" },
  });
  return import("data:text/javascript;base64," + Buffer.from(outputFiles[0].contents).toString("base64"));
}

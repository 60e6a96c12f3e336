// Bundles our CSS and JavaScript into src/qinglan/static/qinglan, so that the site never asks another server for anything.
// No source maps: the static storage of production refuses a map that is named but missing.
import {copyFile, mkdir, readFile, readdir, writeFile} from "node:fs/promises";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const out = join(root, "src", "qinglan", "static", "qinglan");

const options = {
  absWorkingDir: root,
  entryPoints: [
    {in: "assets/app.js", out: "app"},
    {in: "assets/charts.js", out: "charts"},
    {in: "assets/map.js", out: "map"},
    {in: "assets/app.css", out: "app"},
    {in: "assets/ask.js", out: "ask"},
    {in: "assets/ask.css", out: "ask"},
  ],
  outdir: out,
  bundle: true,
  minify: true,
  sourcemap: false,
  target: ["chrome100", "firefox100", "safari15.4"],
  format: "iife",
  loader: {".png": "dataurl"},
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};
// One sprite of the icons that the templates name: a page asks for one small file, not for a font of two thousand signs.
async function sprite() {
  const names = JSON.parse(await readFile(join(here, "icons.json"), "utf8"));
  const symbols = [];
  for (const [name, file] of Object.entries(names)) {
    const svg = await readFile(join(root, "node_modules", "bootstrap-icons", "icons", `${file}.svg`), "utf8");
    const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").trim();
    symbols.push(`<symbol id="${name}" viewBox="0 0 16 16">${body}</symbol>`);
  }
  await writeFile(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

// The licences of what was really bundled, for the people who receive the bundle.
async function licences(metafile) {
  const inputs = Object.keys(metafile.inputs).map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]);
  const parts = [];
  for (const name of [...new Set([...inputs, "bootstrap-icons"])].filter(Boolean).sort()) {
    const folder = join(root, "node_modules", name);
    const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one));
    const text = file ? await readFile(join(folder, file), "utf8") : `License: ${about.license}`;
    parts.push(`${"=".repeat(72)}\n${name} ${about.version} (${about.license})\n${"=".repeat(72)}\n\n${text.trim()}\n`);
  }
  await writeFile(join(out, "licences.txt"), parts.join("\n"));
}

await mkdir(out, {recursive: true});
await sprite();
await copyFile(join(here, "favicon.svg"), join(out, "favicon.svg"));
if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  const {metafile} = await esbuild.build(options);
  await licences(metafile);
}

// Unpacks the packaged Chromium into the folder given: node unpack.mjs FOLDER
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
process.env.TMPDIR = folder; // where the package unpacks to; read when it is used
const { inflate } = await import("@sparticuz/chromium");
const main = createRequire(import.meta.url).resolve("@sparticuz/chromium");
const packed = join(dirname(main), "..", "bin");
for (const name of ["chromium.br", "swiftshader.tar.br", "al2023.tar.br", "fonts.tar.br"]) {
  await inflate(join(packed, name));
}

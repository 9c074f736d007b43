// Packs what was built, so that the server packs nothing while it serves, and holds the first load to its budget: whoever is
// on call may have a phone and one bar.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const SITE = new URL('../dist/site/', import.meta.url).pathname;
const MOST_SCRIPT = 250_000;

let script = 0;
for (const file of files(SITE)) {
  const plain = readFileSync(file);
  const gzip = gzipSync(plain, { level: 9 });
  const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  if (gzip.length < plain.length * 0.9) writeFileSync(`${file}.gz`, gzip);
  if (brotli.length < plain.length * 0.9) writeFileSync(`${file}.br`, brotli);
  if (file.endsWith('.js')) script += gzip.length;
  console.log(`${file.slice(SITE.length)}  ${plain.length} bytes, ${gzip.length} gzip, ${brotli.length} brotli`);
}
console.log(`script: ${script} bytes of gzip, at most ${MOST_SCRIPT}`);
if (script > MOST_SCRIPT) {
  console.error('the first load is too large');
  process.exit(1);
}

function files(folder) {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? files(path) : [path]));
}

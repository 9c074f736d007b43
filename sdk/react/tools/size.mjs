/** What a page downloads for its flags: the package and its dependencies, without React, minified. */

import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Above this many bytes, gzipped, somebody has to say why. */
const MOST_GZIPPED = 22_000;

/** A module that is nowhere on the disk, beside package.json so that its imports are found. */
const page = `${process.cwd()}/page.js`;

async function bundle(source) {
  const { output } = await build({
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry: 'page.js', formats: ['es'] },
      rolldownOptions: { external: [/^react($|\/)/] },
      minify: true,
    },
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [
      {
        name: 'page',
        resolveId: (id) => (id === page ? page : undefined),
        load: (id) => (id === page ? source : undefined),
      },
    ],
  }).then((result) => (Array.isArray(result) ? result[0] : result));
  const code = output.map((chunk) => chunk.code ?? '').join('');
  return { bytes: code.length, gzipped: gzipSync(code, { level: 9 }).length };
}

const ours = await bundle(`export { TidegateProvider, useFeatureFlag } from './dist/index.js'`);
const theirs = await bundle(`
  export { OpenFeatureProvider, useBooleanFlagValue, OpenFeature } from '@openfeature/react-sdk'
  export { OFREPWebProvider } from '@openfeature/ofrep-web-provider'`);

const kB = (bytes) => `${(bytes / 1_000).toFixed(1)} kB`;
for (const [name, { bytes, gzipped }] of Object.entries({ '@tidegate/react with all below it': ours, 'of that OpenFeature': theirs })) {
  console.log(`${name}: ${kB(bytes)}, ${kB(gzipped)} gzipped`);
}
if (ours.gzipped > MOST_GZIPPED) {
  console.error(`more than ${kB(MOST_GZIPPED)} gzipped`);
  process.exit(1);
}

/** The same unit tests on both majors of React that the package declares, and the tests in a real browser. */

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { defineConfig } from 'vitest/config';

const find = createRequire(import.meta.url);
const folder = (name: string): string => dirname(find.resolve(`${name}/package.json`));

function units(major: 18 | 19): object {
  const suffix = major === 18 ? '-18' : '';
  return {
    test: {
      name: `react-${major}`,
      environment: 'happy-dom',
      include: ['tests/unit/**/*.test.{ts,tsx}'],
      env: { REACT_MAJOR: String(major) },
      // Else a dependency would find the other React by itself.
      server: { deps: { inline: [/@openfeature\/react-sdk/, /@testing-library\/react/] } },
    },
    resolve: {
      alias: [
        { find: /^react$/, replacement: folder(`react${suffix}`) },
        { find: /^react\/(.*)$/, replacement: `${folder(`react${suffix}`)}/$1.js` },
        { find: /^react-dom$/, replacement: folder(`react-dom${suffix}`) },
        { find: /^react-dom\/(.*)$/, replacement: `${folder(`react-dom${suffix}`)}/$1.js` },
      ],
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      units(18),
      units(19),
      {
        test: {
          name: 'browser',
          environment: 'node',
          include: ['tests/browser/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});

/** The same unit tests on both majors of React that the package declares, and the tests in a real browser. */

import { defineConfig, type TestProjectConfiguration } from 'vitest/config';

/** `modules` is where the React of that major lies; everything that says `react` gets that one. */
function units(major: number, modules: string): TestProjectConfiguration {
  const ours = ['react', 'react-dom', '@testing-library/react'].join('|');
  return {
    test: {
      name: `react-${major}`,
      environment: 'happy-dom',
      include: ['tests/unit/**/*.test.{ts,tsx}'],
      env: { REACT_MAJOR: String(major) },
      // Node would find the other React for it.
      server: { deps: { inline: [/@openfeature\/react-sdk/] } },
    },
    resolve: { alias: [{ find: new RegExp(`^(${ours})(/.*)?$`), replacement: `${import.meta.dirname}/${modules}/$1$2` }] },
  };
}

export default defineConfig({
  test: {
    projects: [
      units(18, 'tests/react-18/node_modules'),
      units(19, 'node_modules'),
      {
        test: {
          name: 'browser',
          environment: 'node',
          include: ['tests/browser/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});

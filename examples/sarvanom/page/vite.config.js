import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  resolve: {
    alias: { '@': `${import.meta.dirname}/src` },
    // The package is linked and has a React for its tests beside it. A page must have one.
    dedupe: ['react', 'react-dom', '@openfeature/core', '@openfeature/web-sdk', '@openfeature/react-sdk'],
  },
});

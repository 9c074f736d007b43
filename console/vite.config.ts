import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    outDir: 'dist/site',
    // Nothing inline: the server's policy for the page forbids it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  // For `npm run dev` beside a server that runs.
  server: { proxy: { '/v1': process.env.TIDEGATE_SERVER ?? 'http://127.0.0.1:7700' } },
  test: { include: ['src/**/*.test.{ts,tsx}'], environment: 'jsdom' },
});

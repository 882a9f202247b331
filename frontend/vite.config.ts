import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// Where `npm run dev` finds the API; `numbermill up` listens here unless told otherwise.
const api = process.env.NUMBERMILL_API ?? 'http://127.0.0.1:8080';

// The first browsers with light-dark() of their own: an older target would have it rewritten, and the tokens broken.
const browsers = ['chrome123', 'firefox120', 'safari17.5'];

export default defineConfig({
  plugins: [react()],
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      ['/v1', '/healthz', '/readyz', '/openapi.yaml', '/docs', '/problems'].map((path) => [
        path,
        { target: api, changeOrigin: true },
      ]),
    ),
  },
  build: {
    target: browsers,
    cssTarget: browsers,
    emptyOutDir: false, // scripts/clean-dist.mjs does it and keeps the committed placeholder
    assetsInlineLimit: 0, // no data: URLs, so that the content security policy stays narrow
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  test: {
    restoreMocks: true,
    unstubGlobals: true,
    projects: [
      { extends: true, test: { name: 'logic', environment: 'node', include: ['src/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'pages',
          environment: 'jsdom',
          include: ['src/**/*.test.tsx'],
          setupFiles: ['test/setup.ts'],
          css: { modules: { classNameStrategy: 'non-scoped' } },
          testTimeout: 20_000, // a page is heavy for a machine that does something else as well
        },
      },
    ],
  },
});

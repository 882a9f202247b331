import { defineConfig } from 'vitest/config';

// `npm run picture` takes the README's screenshot of the real product. It is no test: the clock in it differs each time.
export default defineConfig({
  test: { include: ['pictures/**/*.ts'], testTimeout: 120_000, hookTimeout: 60_000 },
});

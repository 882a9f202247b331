import { defineConfig } from 'vitest/config';

// Every file starts a server and a browser of its own, so they run one after the other.
export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});

import { configDefaults, defineConfig } from 'vitest/config';

/** Folders with lockfiles of their own: they are installed and run apart. */
const apart = [...configDefaults.exclude, 'dist/**', 'dist-test/**', 'test/library/**', 'test/perf/peers/**'];

export default defineConfig({
  test: {
    // End-to-end tests start servers; more workers than this only make them wait for each other.
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['src/**/*.spec.ts'], exclude: apart, testTimeout: 10_000 } },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.spec.ts'],
          exclude: apart,
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
});

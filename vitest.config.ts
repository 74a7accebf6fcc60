import { configDefaults, defineConfig } from 'vitest/config';

/** Folders with lockfiles of their own: they are installed and run apart. */
const apart = [
  ...configDefaults.exclude,
  'dist/**',
  'dist-test/**',
  'test/library/**',
  'test/perf/peers/**',
  'test/support/llm/engine/**',
  'test/interop/inspector/**',
];
/** What measures, or promises times, runs when nothing else does, one file after another. */
const measuring = ['test/perf/**/*.spec.ts', 'test/fuzz/**/*.spec.ts', 'test/chaos/**/*.spec.ts'];
/** What installs packages or starts the whole product. */
const whole = ['test/conformance/**/*.spec.ts', 'test/interop/**/*.spec.ts', 'test/library.spec.ts'];

export default defineConfig({
  test: {
    // End-to-end tests start servers; more workers than this only make them wait for each other.
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', include: ['src/**/*.spec.ts'], exclude: apart, testTimeout: 30_000 } },
      {
        test: {
          name: 'e2e',
          // Finds or installs the servers that tests run against, before their clocks start.
          globalSetup: ['test/support/servers/global-setup.ts'],
          include: ['test/**/*.spec.ts'],
          exclude: [...apart, ...measuring, ...whole],
          // What hangs; what promises times says so itself. Two workers with their servers may be slow on two cores.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'whole',
          include: whole,
          exclude: apart,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'measuring',
          globalSetup: ['test/support/servers/global-setup.ts'],
          include: measuring,
          exclude: apart,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});

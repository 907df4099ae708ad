import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Files that the command line names whole: no more stacks are started than these need. */
const named = process.argv.filter((argument) => argument.endsWith('.test.ts')).length

/** Test files that run at the same time. Each has a whole local stack to itself, and waits half of the time. */
const FILES_AT_ONCE = Math.min(4, availableParallelism(), named || Number.POSITIVE_INFINITY)

const RESULTS = process.env.TEST_RESULTS

/** What measures time, or waits just as long as promised: nothing else may run meanwhile. */
const BY_THE_CLOCK = [
  'test/features/**/timing.test.ts',
  'test/features/**/*faults.test.ts',
  'test/features/**/fault-matrix.test.ts',
  'test/features/sessions/slow-stores.test.ts',
]

/** Hundreds of people sign in who do not test how passwords are kept, or mistype them. */
const CHEAP_PASSWORDS = {
  ARGON2_MEMORY_KIB: '64',
  ARGON2_PASSES: '1',
  FAILED_LOGIN_SECONDS: '0.01',
}

const SLOW = { testTimeout: 60_000, hookTimeout: 60_000 }
const ON_A_STACK = { ...SLOW, globalSetup: ['test/support/global-setup.ts'] }

/**
 * `unit` needs nothing; `dev` starts the parts of the local stack that it tests; `features` has a
 * stack for each file that runs at the same time; `clock` is run by itself afterwards; `browser` also
 * needs Chromium, and `clients` the command-line clients (`npm run test:clients`).
 */
export default defineConfig({
  test: {
    maxWorkers: FILES_AT_ONCE,
    reporters: [
      'default',
      './test/support/rerun-reporter.ts',
      // For whoever adds up several runs.
      ...(RESULTS ? [['json', { outputFile: RESULTS }] satisfies [string, object]] : []),
    ],
    projects: [
      { test: { ...SLOW, name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { test: { ...SLOW, name: 'dev', include: ['test/dev/**/*.test.ts'] } },
      {
        test: {
          ...ON_A_STACK,
          name: 'features',
          include: ['test/features/**/*.test.ts', 'test/seeds/**/*.test.ts'],
          exclude: BY_THE_CLOCK,
          setupFiles: ['test/support/answer-guard.ts', 'test/support/tidy-stand-in.ts'],
          provide: { firstRedisDatabase: 0, settings: CHEAP_PASSWORDS },
        },
      },
      {
        test: {
          ...ON_A_STACK,
          name: 'clock',
          include: BY_THE_CLOCK,
          setupFiles: ['test/support/answer-guard.ts', 'test/support/tidy-stand-in.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          provide: { firstRedisDatabase: FILES_AT_ONCE, settings: {} },
        },
      },
      {
        test: {
          ...ON_A_STACK,
          name: 'clients',
          include: ['test/clients/**/*.test.ts'],
          testTimeout: 180_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          provide: { firstRedisDatabase: 0, settings: {} },
        },
      },
      {
        test: {
          ...ON_A_STACK,
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          provide: { firstRedisDatabase: 0, settings: {} },
        },
      },
    ],
  },
})

import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Says how far the run is, and of each failure how to run that case alone. */
export default class RerunReporter implements Reporter {
  #files = 0
  #done = 0
  #startedAt = 0

  onTestRunStart(files: readonly unknown[]): void {
    this.#files = files.length
    this.#done = 0
    this.#startedAt = performance.now()
  }

  onTestModuleEnd(): void {
    this.#done++
    // Where each file is reported, its place in the whole is enough now and then.
    if (this.#done % 10 !== 0 && this.#done !== this.#files) return
    const seconds = Math.round((performance.now() - this.#startedAt) / 1_000)
    console.log(`   ${this.#done} of ${this.#files} files after ${seconds} s`)
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const failed = modules.flatMap((module) => [...module.children.allTests('failed')])
    if (failed.length === 0) return
    console.log(`\nTo run ${failed.length === 1 ? 'it' : 'one of them'} alone:`)
    for (const test of failed) console.log(`  ${commandFor(test)}`)
  }
}

function commandFor(test: TestCase): string {
  // Without what the files' names of parameters and the shell would make of it.
  const pattern = test.fullName
    .replaceAll(' > ', ' ')
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll("'", '.')
  const real = process.env.DATABASE_URL ? 'DATABASE_URL=… REDIS_URL=… ' : ''
  return `${real}npm exec -- vitest run --project ${test.project.name} ${test.module.relativeModuleId} -t '${pattern}'`
}

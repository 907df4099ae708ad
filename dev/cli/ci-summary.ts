import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Adds up what the test runner wrote in each run, and ends like a runner. */
interface Result {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
}

const directory = process.argv[2] ?? '.'
const total = { passed: 0, failed: 0, skipped: 0 }
for (const file of (await readdir(directory)).sort()) {
  const result = JSON.parse(await readFile(join(directory, file), 'utf8')) as Result
  console.log(
    `${file}: ${result.numPassedTests} passed, ${result.numFailedTests} failed, ${result.numPendingTests} skipped`,
  )
  total.passed += result.numPassedTests
  total.failed += result.numFailedTests
  total.skipped += result.numPendingTests
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0

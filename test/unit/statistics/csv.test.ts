import { expect, it } from 'vitest'
import { csvLine } from '../../../src/metering/statistics/csv.ts'

it('quotes what would break a line apart', () => {
  expect(csvLine(['a,b', 'say "hi"', 'two\r\nlines', 'plain'])).toBe(
    '"a,b","say ""hi""","two\r\nlines",plain\r\n',
  )
})

it('leaves nothing empty-looking where there is nothing', () => {
  expect(csvLine([null, 0, false, -1.5, ''])).toBe(',0,false,-1.5,\r\n')
})

it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('defuses %j', (text) => {
  const cell = csvLine([text]).slice(0, -2).replace(/^"/, '')
  expect(cell.startsWith("'")).toBe(true)
  expect(cell).toContain(text)
})

it('defuses a formula in spite of its quotes', () => {
  expect(csvLine(['=HYPERLINK("https://evil.example","x")'])).toBe(
    '"\'=HYPERLINK(""https://evil.example"",""x"")"\r\n',
  )
})

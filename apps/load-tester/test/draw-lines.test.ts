import { expect, test } from 'vitest'
import { drawLines } from '../src/report/html/draw-lines.ts'
import { whole } from '../src/report/numbers.ts'

function drawing(highest: number, type: 'linear' | 'log') {
  const points = [1, highest].map((y, x) => ({ x, y }))
  return drawLines(
    {
      series: [{ name: 'one', points }],
      faults: [],
      acrossText: String,
      x: { label: 'x', type: 'linear', domain: [0, 1] },
      y: { label: 'y', type, tickText: whole },
    },
    344,
  )
}

test.for([
  [80, 'linear'],
  [6_535_421, 'linear'],
  [158_753, 'log'],
] as const)('numbers of %i on a %s axis have room at the left', ([highest, type]) => {
  const axis = /aria-label="y-axis tick label"[^>]*>(.*?)<\/g>/s.exec(drawing(highest, type))?.[1] ?? ''
  const labels = [...axis.matchAll(/translate\(([\d.]+),[^>]*>([\d,]+)</g)].map(([, x, text]) => ({
    x: Number(x),
    text,
  }))
  expect(labels.length).toBeGreaterThan(1)
  // A digit is 7 px wide in 12 px, and the numbers end 9 px before the axis.
  for (const { x, text } of labels) expect(x - 9).toBeGreaterThan((text ?? '').length * 7)
})

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Report } from '../report.ts'
import { highest, type Series } from './series.ts'

/** What is drawn: lines over time or over percentiles. */
export type LineDrawing = {
  series: readonly Series[]
  faults: Report['faults']
  /** How a place across is written. */
  acrossText: (x: number) => string
  x: { label: string; type: 'linear' | 'log'; domain: [number, number]; ticks?: number[] }
  y: { label: string; type: 'linear' | 'log'; tickText: (y: number) => string }
}

/**
 * Draws lines as an SVG that needs no script: colours and dashes come from the page's style sheet, so that it follows
 * from light to dark and onto paper. @param width in pixels
 */
export function drawLines({ series, faults, acrossText, x, y }: LineDrawing, width: number): string {
  const narrow = width < 500
  const svg = Plot.plot({
    document: parseHTML('<!doctype html><html></html>').document,
    width,
    height: narrow ? 240 : 280,
    marginLeft: leftMargin({ series, y }),
    marginRight: 28,
    marginTop: 26,
    marginBottom: 44,
    style: { fontSize: '12px', background: 'none' },
    x: {
      type: x.type,
      label: x.label,
      labelAnchor: 'center',
      domain: x.domain,
      ticks: x.ticks?.slice(narrow ? 1 : 0) ?? (narrow ? 4 : 8),
      tickFormat: acrossText,
    },
    y: {
      type: y.type,
      nice: true,
      label: y.label,
      grid: true,
      ticks: 5,
      tickFormat: y.tickText,
      ...(y.type === 'linear' && { zero: true }),
    },
    marks: [
      ...faultMarks(faults),
      Plot.ruleY(y.type === 'linear' ? [0] : []),
      ...series.map(({ points }, index) => Plot.lineY(points, { x: 'x', y: 'y', className: `series-${index % 7}` })),
    ],
  })
  return svg.outerHTML
}

const digitWidth = 7.5
const besideDigits = 14

/** Room for the longest number, which stands above the highest value. */
function leftMargin({ series, y }: Pick<LineDrawing, 'series' | 'y'>): number {
  const top = highest(series)?.y ?? 0
  const above = y.type === 'log' ? top * 10 : top * 1.5
  return Math.max(58, Math.ceil(y.tickText(above).length * digitWidth) + besideDigits)
}

/** A band from a fault's beginning to its end; its number stands at the top, since names would cover each other. */
function faultMarks(faults: Report['faults']): Plot.Markish[] {
  return [
    Plot.rectX(faults, { x1: 'atMs', x2: 'endedAtMs', className: 'fault' }),
    Plot.ruleX(faults, { x: 'atMs', className: 'fault-line' }),
    Plot.text(faults, {
      x: 'atMs',
      text: (_, index) => String(index + 1),
      frameAnchor: 'top',
      dy: -14,
      className: 'fault-name',
    }),
  ]
}

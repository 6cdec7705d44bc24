import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../grafana/dashboards/', import.meta.url))

/** A dashboard as its file has it, as far as tests look at it. */
export type Dashboard = {
  uid: string
  title: string
  description: string
  templating: { list: { name: string; query: { query: string } }[] }
  panels: Panel[]
}

export type Panel = {
  id: number
  type: string
  title: string
  description?: string
  gridPos: { h: number; w: number; x: number; y: number }
  fieldConfig?: { defaults: { unit?: string } }
  options?: { yAxis?: { unit?: string } }
  targets?: { refId: string; expr: string; legendFormat: string }[]
}

/** All dashboards, by the names of their files. */
export function readDashboards(): { name: string; dashboard: Dashboard }[] {
  return readdirSync(FOLDER).map((name) => ({ name, dashboard: JSON.parse(readFileSync(FOLDER + name, 'utf8')) }))
}

/** The panels that show something: all but the rows' headings. */
export function shownPanels({ panels }: Dashboard): Panel[] {
  return panels.filter(({ type }) => type !== 'row')
}

/**
 * Those whose metrics are postgres_exporter's or cAdvisor's, which a test has none of. They are named here so that nobody takes
 * them for checked.
 */
export const uncheckedPanels: Readonly<Record<string, readonly string[]>> = {
  'resources.json': [
    'Sessions',
    'Transactions',
    'Rows written',
    'Reads from the cache',
    'Size of the databases',
    'Longest transaction',
    'Dead rows',
    'Deadlocks, and temporary files',
    'CPU by service',
    'Memory by service',
    'Network by service',
    'Disk by service',
  ],
}

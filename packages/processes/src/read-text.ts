import { readFileSync } from 'node:fs'

/** @returns an empty string when there is no such file, or its process has just ended */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

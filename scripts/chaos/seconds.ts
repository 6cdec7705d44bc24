/** Milliseconds as text: 0.2 s, 12.0 s. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** `14 B`, `2.00 MB`. */
export function bytes(value: number): string {
  const step = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), units.length - 1)
  const inUnit = value / 1_000 ** step
  return `${step === 0 ? inUnit : inUnit.toPrecision(3)} ${units[step]}`
}

/** `0.4 s`, `12 min`, `3.5 h`, `2.1 d`. */
export function seconds(value: number): string {
  if (value < 120) return `${value.toFixed(value < 10 ? 1 : 0)} s`
  if (value < 7_200) return `${(value / 60).toFixed(0)} min`
  if (value < 172_800) return `${(value / 3_600).toFixed(1)} h`
  return `${(value / 86_400).toFixed(1)} d`
}

/** Without control characters, which would reach the terminal. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, '·')
}

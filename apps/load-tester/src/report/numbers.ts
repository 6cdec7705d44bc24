/** 12.345678 is 12.346: nobody measures more, and a file is read by people as well. */
export function toThousandths(number: number): number {
  return Math.round(number * 1_000) / 1_000
}

/** 1,785 */
export function whole(number: number): string {
  return Math.round(number).toLocaleString('en')
}

/** 1 message, 2,000 messages */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${whole(number)} ${number === 1 ? one : many}`
}

/** 99.98 %; never 100 % where something is missing. */
export function percent(number: number): string {
  return `${(Math.floor(number * 100) / 100).toFixed(2)} %`
}

/** 56 ms, 12.3 s, 2 min 5 s */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 100_000) return `${(ms / 1_000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`
}

/** 4.21 ms, 42.1 ms, 421 ms, 4,210 ms, 122 s: three digits are as much as anyone reads. Less than 0 where clocks differ. */
export function latency(ms: number): string {
  if (ms < 0) return `−${latency(-ms)}`
  if (ms < 10) return `${ms.toFixed(2)} ms`
  if (ms < 100) return `${ms.toFixed(1)} ms`
  return ms < 100_000 ? `${whole(ms)} ms` : `${whole(ms / 1_000)} s`
}

/** 4.2 µs, 42 µs */
export function microseconds(us: number): string {
  return us < 10 ? `${us.toFixed(1)} µs` : `${whole(us)} µs`
}

/** 118 MB */
export function megabytes(bytes: number): string {
  return `${whole(bytes / 1_000_000)} MB`
}

import { UsageError } from './usage-error.ts'

/**
 * Reads `URL,URL`.
 * @param option its name, for the message; `such`: a URL to show
 * @returns origins, without a slash at their end
 * @throws {UsageError} for the first that isn't the address of a server, or is named twice
 */
export function readUrls(
  list: string | undefined,
  { option, such }: { option: string; such: string },
): string[] | undefined {
  if (list === undefined) return undefined
  const origins = list.split(',').map((item) => readUrl(item.trim(), { option, such }))
  const twice = origins.find((origin, index) => origins.indexOf(origin) !== index)
  if (twice !== undefined) throw new UsageError(`${option} names ${twice} twice.`)
  return origins
}

function readUrl(text: string, { option, such }: { option: string; such: string }): string {
  if (text === '') throw new UsageError(`${option} has an empty place: give URL,URL,…`)
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`${option} ${text}: give an http URL, such as ${such}`)
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new UsageError(`${option} ${text}: give host and port alone, such as ${url.protocol}//${url.host}`)
  return url.origin
}

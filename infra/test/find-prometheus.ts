import { execFile } from 'node:child_process'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The programs, or why they can't be had. */
export type PrometheusFound = { promtool: string; prometheus: string } | { missing: string }

type Programs = { promtool?: string | undefined; prometheus?: string | undefined }

const run = promisify(execFile)
const DOWNLOAD_MS = 120_000

/**
 * Prometheus's two programs: those that are given, else those on the PATH, else on Debian and its like those of its package,
 * fetched into `cache` the first time. Nothing is installed.
 * @param options.report is told when the package has to be fetched, which may take a while
 */
export async function findPrometheus(options: {
  given: Programs
  cache: string
  report: (line: string) => void
}): Promise<PrometheusFound> {
  const { given, cache, report } = options
  const fetched = join(cache, 'usr', 'bin')
  const candidates = [
    { promtool: given.promtool ?? 'promtool', prometheus: given.prometheus ?? 'prometheus' },
    { promtool: join(fetched, 'promtool'), prometheus: join(fetched, 'prometheus') },
  ]
  for (const programs of candidates) if (await bothRun(programs)) return programs
  if (!(await runs('apt-get')) || !(await runs('dpkg-deb'))) {
    return { missing: 'promtool and prometheus are not on the PATH, nor named by PROMTOOL and PROMETHEUS' }
  }
  report('fetching Prometheus by apt-get')
  const failed = await fetchPackage(cache).then(
    () => undefined,
    (error: Error) => `Prometheus could not be fetched by apt-get: ${error.message.trim().split('\n').at(-1)}`,
  )
  for (const programs of candidates) if (await bothRun(programs)) return programs
  return { missing: failed ?? 'the prometheus of apt-get does not run' }
}

async function bothRun({ promtool, prometheus }: { promtool: string; prometheus: string }): Promise<boolean> {
  return (await runs(promtool)) && (await runs(prometheus))
}

async function runs(program: string): Promise<boolean> {
  return run(program, ['--version']).then(
    () => true,
    () => false,
  )
}

async function fetchPackage(cache: string): Promise<void> {
  const unfinished = `${cache}.${process.pid}`
  await mkdir(unfinished, { recursive: true })
  try {
    await download(unfinished).catch(async () => {
      // Its lists may be old, or missing as in a fresh container.
      await run('apt-get', ['update'], { timeout: DOWNLOAD_MS })
      await download(unfinished)
    })
    const file = (await readdir(unfinished)).find((name) => name.endsWith('.deb')) ?? 'prometheus.deb'
    await run('dpkg-deb', ['-x', file, 'tree'], { cwd: unfinished, timeout: DOWNLOAD_MS })
    // Another process may have been quicker; its programs are as good.
    await rename(join(unfinished, 'tree'), cache).catch(() => {})
  } finally {
    await rm(unfinished, { recursive: true })
  }
}

async function download(folder: string): Promise<void> {
  await run('apt-get', ['download', 'prometheus'], { cwd: folder, timeout: DOWNLOAD_MS })
}

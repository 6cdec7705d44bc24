import { spawnSync } from 'node:child_process'

/**
 * The npm or pnpm that runs this program as one of its scripts, with or without a shell between. A signal that npm gets
 * reaches neither, if it's SIGKILL, and seldom passes the shell.
 * @param {NodeJS.ProcessEnv} env
 * @returns {number | undefined} its process id; undefined when this program was started otherwise
 */
export function findLauncher(env) {
  if (env.npm_lifecycle_event === undefined) return undefined
  const { stdout } = spawnSync('ps', ['-o', 'ppid=,args=', '-p', String(process.ppid)], { encoding: 'utf8' })
  const shell = /^\s*(\d+)\s+\S*sh -c /.exec(stdout ?? '')
  return shell?.[1] ? Number(shell[1]) : process.ppid
}

/** @param {number} pid */
export function isGone(pid) {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

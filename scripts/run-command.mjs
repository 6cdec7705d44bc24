import { spawnSync } from 'node:child_process'

/**
 * Runs a command and waits for its end. On Windows npm's and pnpm's commands are scripts that only the shell runs; so
 * no word of `command` may hold anything that a shell or a space would change.
 * @param {string} command words separated by one space
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {{ ok: boolean, stdout: string, output: string }} `output` is all that it said, or why it couldn't be run
 */
export function runCommand(command, options) {
  const [name = '', ...args] = command.split(' ')
  const { status, stdout, stderr, error } =
    process.platform === 'win32'
      ? spawnSync(command, { ...options, encoding: 'utf8', shell: true })
      : spawnSync(name, args, { ...options, encoding: 'utf8' })
  if (error) return { ok: false, stdout: '', output: error.message }
  return { ok: status === 0, stdout, output: stdout + stderr }
}

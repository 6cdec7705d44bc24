// Finds Node 24 and pnpm 12. Runs before anything is installed: plain JavaScript for Node 20, without dependencies.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, sep } from 'node:path'
import { runCommand } from './run-command.mjs'

const NODE_MAJOR = 24
const PNPM_MAJOR = 12
// Relative to the project, so that no space in its path meets a shell.
const WHERE_AM_I = 'scripts/where-am-i.mjs'

/**
 * @typedef {object} Toolchain
 * @property {string} node Path of the Node to use.
 * @property {string} path The PATH on which `node` and `pnpm` are the ones to use.
 */

/**
 * Takes the Node that runs this and the pnpm on the PATH if both will do; else gets both from npm by npx, which keeps
 * them. What was found is remembered in `cacheFile`, so that it takes milliseconds the next time.
 * @param {object} options
 * @param {string} options.projectFolder
 * @param {string} options.cacheFile
 * @param {(text: string, get: () => Toolchain) => Toolchain} options.step runs the slow part, and tells the user
 * @param {string} [options.nodeVersion] of the Node that runs this
 * @param {NodeJS.ProcessEnv} [options.env]
 * @returns {Toolchain}
 * @throws {Error} with npx's own words when it can't get them
 */
export function findToolchain({
  projectFolder,
  cacheFile,
  step,
  nodeVersion = process.versions.node,
  env = process.env,
}) {
  const path = env.PATH ?? ''
  const remembered = read(cacheFile)
  if (remembered?.forPath === path && remembered.forNode === nodeVersion && isStillThere(remembered.toolchain)) {
    return remembered.toolchain
  }
  let { fromNpx } = remembered ?? {}
  let toolchain = installedToolchain({ projectFolder, nodeVersion, path, env })
  if (toolchain === undefined) {
    if (!fromNpx || !isStillThere(fromNpx)) {
      const text = `getting Node ${NODE_MAJOR} and pnpm ${PNPM_MAJOR} by npx`
      fromNpx = step(text, () => getByNpx({ projectFolder, env }))
    }
    toolchain = { node: fromNpx.node, path: [fromNpx.path, path].join(delimiter) }
  }
  write(cacheFile, { forPath: path, forNode: nodeVersion, toolchain, fromNpx })
  return toolchain
}

/** @returns {Toolchain | undefined} */
function installedToolchain({ projectFolder, nodeVersion, path, env }) {
  if (majorOf(nodeVersion) < NODE_MAJOR) return undefined
  // The PATH may know an older Node than the one that runs this.
  const toolchain = { node: process.execPath, path: [dirname(process.execPath), path].join(delimiter) }
  const { stdout } = runCommand('pnpm --version', { cwd: projectFolder, env: { ...env, PATH: toolchain.path } })
  return majorOf(stdout) === PNPM_MAJOR ? toolchain : undefined
}

/** @returns {Toolchain} whose path is the one folder that npx has made */
function getByNpx({ projectFolder, env }) {
  const command = `npx -y -p node@${NODE_MAJOR} -p pnpm@${PNPM_MAJOR} -- node ${WHERE_AM_I}`
  const { ok, stdout, output } = runCommand(command, { cwd: projectFolder, env })
  if (!ok) throw new Error(`${command} failed:\n${output}`)
  const { node, folder } = JSON.parse(stdout.slice(stdout.indexOf('{')))
  return { node, path: folder }
}

/** @param {string} version */
function majorOf(version) {
  return Number.parseInt(version.replace(/^v/, ''), 10)
}

/** @param {Toolchain} toolchain */
function isStillThere({ node, path }) {
  const folder = path.split(delimiter)[0] ?? ''
  return existsSync(node) && existsSync(folder + sep)
}

/** @param {string} file */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {string} file */
function write(file, content) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(content, null, 2))
}

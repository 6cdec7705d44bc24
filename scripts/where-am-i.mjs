// Run by npx, on a PATH that npx has made: prints where the Node that runs this is, and the folder of the pnpm beside it.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = process.platform === 'win32' ? ['pnpm.exe', 'pnpm.cmd'] : ['pnpm']
const folders = (process.env.PATH ?? '').split(delimiter)
const folder = folders.find((path) => names.some((name) => existsSync(join(path, name))))
process.stdout.write(JSON.stringify({ node: process.execPath, folder }))

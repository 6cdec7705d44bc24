import { chmod, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findToolchain } from '../../../scripts/toolchain.mjs'
import { temporaryFolder } from './temporary-folder.ts'

test('a Node that is new enough is taken, with the pnpm 12 of the PATH', async () => {
  await using tools = await temporaryFolder()
  await fakeCommand(tools.path, 'pnpm', '12.4.0')
  const { toolchain, steps } = find(tools.path, '24.0.0')
  expect(toolchain.node).toBe(process.execPath)
  expect(toolchain.path.split(delimiter)).toEqual([dirname(process.execPath), tools.path])
  expect(steps).toEqual([])
})

test.each([
  ['Node is too old', '22.18.0', '12.4.0'],
  ['pnpm is too old', '24.0.0', '10.33.0'],
  ['pnpm is too new', '24.0.0', '13.0.0'],
  ['there is no pnpm', '24.0.0', ''],
])('npx gets both when %s', async (_case, nodeVersion, pnpmVersion) => {
  await using tools = await temporaryFolder()
  await fakeCommand(tools.path, 'pnpm', pnpmVersion)
  await fakeCommand(tools.path, 'npx', JSON.stringify({ node: process.execPath, folder: tools.path }))
  const { toolchain, steps } = find(tools.path, nodeVersion)
  expect(toolchain).toEqual({ node: process.execPath, path: [tools.path, tools.path].join(delimiter) })
  expect(steps).toEqual(['getting Node 24 and pnpm 12 by npx'])
})

test('npx is asked once, and what it found is left for a Node and pnpm that were installed since', async () => {
  await using tools = await temporaryFolder()
  await fakeCommand(tools.path, 'npx', JSON.stringify({ node: join(tools.path, 'npx'), folder: tools.path }))
  const fromNpx = join(tools.path, 'npx')
  expect(find(tools.path, '20.19.0')).toMatchObject({ toolchain: { node: fromNpx }, steps: [expect.any(String)] })
  expect(find(tools.path, '20.19.0')).toMatchObject({ toolchain: { node: fromNpx }, steps: [] })
  expect(find(tools.path, '20.19.1')).toMatchObject({ toolchain: { node: fromNpx }, steps: [] })
  await fakeCommand(tools.path, 'pnpm', '12.4.0')
  expect(find(tools.path, '24.0.0')).toMatchObject({ toolchain: { node: process.execPath }, steps: [] })
})

test('when npx fails, its own words are passed on', async () => {
  await using tools = await temporaryFolder()
  expect(() => find(tools.path, '20.19.0')).toThrow(/^npx -y -p node@24 -p pnpm@12 .* failed:\n.*ENOENT/)
})

function find(folder: string, nodeVersion: string) {
  const steps: string[] = []
  const toolchain = findToolchain({
    projectFolder: folder,
    cacheFile: join(folder, 'toolchain.json'),
    nodeVersion,
    env: { PATH: folder },
    step: (text, get) => {
      steps.push(text)
      return get()
    },
  })
  return { toolchain, steps }
}

/** A command that prints a line, for the shells of all systems. */
async function fakeCommand(folder: string, name: string, output: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\necho '${output}'\n`)
  await chmod(join(folder, name), 0o755)
  await writeFile(join(folder, `${name}.cmd`), `@echo ${output}\r\n`)
}

import { freePort } from '../../src/free-port.ts'

/** Prints as many free ports as its argument says, and holds them until it is killed. */
const ports: number[] = []
for (let count = Number(process.argv[2]); count > 0; count--) ports.push(await freePort())
process.stdout.write(`${JSON.stringify(ports)}\n`)
setInterval(() => {}, 60_000)

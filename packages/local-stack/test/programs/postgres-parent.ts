import { startPostgres } from '../../src/postgres-process.ts'

// Starts PostgreSQL in a folder, says its number, and waits to be killed.
const postgres = await startPostgres({ folder: process.argv[2] ?? '', durable: false })
process.stdout.write(`${postgres.pid}\n`)

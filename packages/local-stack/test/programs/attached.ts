import { attachTestStack } from '../../src/attach-test-stack.ts'

// Attaches to the stack of a folder, says where it is, and waits to be killed.
const { databaseUrl, kafkaBrokers } = await attachTestStack({ folder: process.argv[2] ?? '', lingerMs: 100 })
process.stdout.write(`${JSON.stringify({ databaseUrl, kafkaBrokers })}\n`)
setInterval(() => {}, 1_000)

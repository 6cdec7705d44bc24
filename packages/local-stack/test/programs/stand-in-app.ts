import { createServer } from 'node:http'

// Answers as an app of the system does, and tells its environment; ends in order on SIGTERM.
const { PORT, HOST, INSTANCE, DATABASE_URL, KAFKA_BROKERS, CONSUMER_GROUP } = process.env
const server = createServer((_request, response) => {
  response.end(JSON.stringify({ instance: INSTANCE, DATABASE_URL, KAFKA_BROKERS, CONSUMER_GROUP }))
})
server.listen(Number(PORT), HOST)
process.on('SIGTERM', () => process.exit(0))
process.stdout.write(`${INSTANCE} listens\n`)

import { runService } from '@outbox/service/run-service'
import { ConsumerSettings, checkConsumerSettings } from './consumer-settings.ts'
import { runConsumer } from './run-consumer.ts'

await runService({
  name: 'consumer',
  settings: ConsumerSettings,
  check: checkConsumerSettings,
  env: process.env,
  parts: ['database', 'kafka', 'partitions', 'dead letters'],
  run: runConsumer,
})

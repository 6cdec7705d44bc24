import { runService } from '@outbox/service/run-service'
import { checkProducerSettings, ProducerSettings } from './producer-settings.ts'
import { runProducer } from './run-producer.ts'

await runService({
  name: 'producer',
  settings: ProducerSettings,
  check: checkProducerSettings,
  env: process.env,
  parts: ['database'],
  run: runProducer,
})

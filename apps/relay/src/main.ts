import { runService } from '@outbox/service/run-service'
import { runRelayService } from './relay-service.ts'
import { checkRelaySettings, RelaySettings } from './relay-settings.ts'
import { relayParts } from './run-relay.ts'

await runService({
  name: 'relay',
  settings: RelaySettings,
  check: checkRelaySettings,
  env: process.env,
  parts: relayParts,
  run: runRelayService,
})

import { existsSync } from 'node:fs'
import type { Scenario } from '../scenario.ts'

/** Where Debian's and Fedora's packages, and Homebrew on Linux, put it. */
const LIBRARIES = [
  `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketimeMT.so.1`,
  '/usr/lib64/faketime/libfaketimeMT.so.1',
  '/usr/lib/faketime/libfaketimeMT.so.1',
]
const library = LIBRARIES.find((file) => existsSync(file))
const OFF: Record<string, string> = { 'producer-1': '-1h', 'relay-1': '-1h', 'consumer-1': '-1h', 'relay-2': '+1h' }
const LASTS_MS = 15_000

export const clockOff: Scenario = {
  name: 'clock-off',
  numbers: [20],
  does: "the clocks of some apps are an hour off: leases go by the database's, and relays take over from each other as ever",
  lacks: async () => (library === undefined ? 'libfaketime (Debian: apt install faketime)' : undefined),
  system: async () => ({
    settingsOf(name) {
      const off = OFF[name]
      // Time-outs count by the other clock, which stays as it is.
      return off === undefined ? {} : { LD_PRELOAD: library ?? '', FAKETIME: off, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
    },
  }),
  async inflict({ app, sleep }) {
    for (const name of ['relay-3', 'relay-2', 'relay-1']) {
      await app(name).hold('kill')
      await sleep(LASTS_MS / 3).finally(() => app(name).release())
    }
  },
}

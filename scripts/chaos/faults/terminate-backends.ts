import type { Fault } from '../fault.ts'

export const terminateBackends: Fault = {
  name: 'terminate-backends',
  numbers: [13],
  does: 'all sessions in PostgreSQL are terminated, every second',
  draw(random) {
    const times = random.between(4, 10)
    return {
      details: `${times} times`,
      lastsMs: times * 1_000,
      async inflict({ pool, sleep }) {
        for (let time = 0; time < times; time++) {
          await pool.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where backend_type = 'client backend' and pid <> pg_backend_pid()`,
          )
          await sleep(1_000)
        }
      },
    }
  },
}

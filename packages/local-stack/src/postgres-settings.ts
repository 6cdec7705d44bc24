/**
 * Settings of a server that is busy and has the machine for itself: few checkpoints, many connections, and prepared
 * transactions, which are off by default.
 * @param durable false: a crash of the machine, though not of the process, may cost data
 */
export function postgresSettings({ durable }: { durable: boolean }): Record<string, string> {
  return {
    max_connections: '300',
    max_prepared_transactions: '20',
    shared_buffers: '256MB',
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(!durable && { fsync: 'off', full_page_writes: 'off' }),
  }
}

/** Settings as arguments of the server's command line. */
export function settingArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

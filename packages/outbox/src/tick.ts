/** A moment of the log: what its snapshot (`xmin:xmax:xip,…`) saw; `lastId` was the last id taken, `xid` its own transaction. */
export type Moment = { n: bigint; snapshot: string; lastId: bigint; xid: string }

/**
 * The end of a batch. The batch is what this tick's snapshot sees and the previous one's doesn't, in order of ids:
 * the late rows (`id ≤ prev.lastId`), then the new ones (`prev.lastId < id ≤ lastId`). The same for whoever reads it, whenever.
 */
export type Tick = Moment & { prev: Moment }

/** A tick as PostgreSQL gives it: 64 bits as text. */
export type MomentRow = { n: string; snapshot: string; last_id: string; xid: string }

export function momentOf({ n, snapshot, last_id, xid }: MomentRow): Moment {
  return { n: BigInt(n), snapshot, lastId: BigInt(last_id), xid }
}

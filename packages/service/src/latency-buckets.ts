/**
 * The bounds of every histogram of a duration, in seconds: the same on the whole way of a message, so that its stages can be laid
 * side by side. A healthy system lives in the first half, and a backlog of minutes still shows how long it is.
 */
export const latencyBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
]

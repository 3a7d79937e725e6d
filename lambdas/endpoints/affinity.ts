/** Six lives of a five-minute prompt cache; refreshed when half of it is over. */
export const AFFINITY_KEPT_MS = 30 * 60_000

/** The endpoint of the gateway's own account and region; the only one so far, and the one every row names. */
export const DEFAULT_ENDPOINT = 'default'

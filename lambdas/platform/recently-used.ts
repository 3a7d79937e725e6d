/** A map that forgets what has not been used for longest, so that what an environment remembers has an end. */

export interface RecentlyUsed<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

export function createRecentlyUsed<Value>(limit: number): RecentlyUsed<Value> {
  // A map keeps the order in which its keys were put in: the first is the one that goes.
  const entries = new Map<string, Value>()
  const put = (key: string, value: Value): void => {
    entries.delete(key)
    entries.set(key, value)
  }
  return {
    get(key) {
      const value = entries.get(key)
      if (value !== undefined) put(key, value)
      return value
    },
    set(key, value) {
      put(key, value)
      const [oldest] = entries.keys()
      if (entries.size > limit && oldest !== undefined) entries.delete(oldest)
    },
  }
}

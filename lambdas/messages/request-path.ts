/**
 * The path by which a request is routed. Clients put `/v1/messages` behind whatever base URL they were given, so a base URL
 * that ends in a slash or in `/v1` would lead nowhere; both are understood.
 */
export function routePathOf(path: string): string {
  // Bedrock's format says a model in the path, and an ARN in it may hold anything.
  if (path.startsWith('/model/')) return path
  const plain = path.replace(/\/{2,}/g, '/').replace(/^\/v1(?=\/(?:v1|api)\/)/, '')
  return plain.length > 1 && plain.endsWith('/') ? plain.slice(0, -1) : plain
}

// Viewer request of everything that goes to a function. A function cannot know the distribution's name (it is made after
// the function), so the name the viewer used travels in a header of ours; a value the viewer sent itself is replaced.
function handler(event) {
  var request = event.request
  if (request.uri === '/' && (request.method === 'GET' || request.method === 'HEAD')) {
    return { statusCode: 302, statusDescription: 'Found', headers: { location: { value: '/portal/' } } }
  }
  request.headers['x-gateway-host'] = { value: request.headers.host.value }
  return request
}

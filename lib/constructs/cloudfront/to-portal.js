// Viewer request of the portal: a deep link is a page of the one document. Custom error pages would do it too, but they
// are the distribution's, and would rewrite the API's 403 and 404 answers.
function handler(event) {
  var request = event.request
  if (request.uri === '/portal') {
    return { statusCode: 302, statusDescription: 'Found', headers: { location: { value: '/portal/' } } }
  }
  var file = request.uri.substring(request.uri.lastIndexOf('/') + 1)
  if (file.indexOf('.') < 0) request.uri = '/portal/index.html'
  return request
}

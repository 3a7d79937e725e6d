/**
 * Loaded before AWS's runtime client. That client reaches the Runtime API through a C++ addon, which install scripts
 * would have to compile; here the addon's three calls are made with `node:http` instead. Streaming never used the addon.
 */
const http = require('node:http')
const Module = require('node:module')

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
// One socket, so that a response always arrives before the next poll.
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })

function call(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host, port, method, path: `/2018-06-01/runtime${path}`, agent, headers },
      (response) => {
        const parts = []
        response.on('data', (part) => parts.push(part))
        response.on('end', () => resolve({ bodyJson: Buffer.concat(parts).toString(), headers: response.headers }))
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

const addon = {
  next: () => call('GET', '/invocation/next'),
  done: (id, body) => call('POST', `/invocation/${id}/response`, body),
  error: (id, body, xray) =>
    call('POST', `/invocation/${id}/error`, body, { 'Lambda-Runtime-Function-XRay-Error-Cause': xray }),
}

const load = Module._load
Module._load = function loadOrReplace(name, ...rest) {
  return name === './rapid-client.node' ? addon : load.call(this, name, ...rest)
}

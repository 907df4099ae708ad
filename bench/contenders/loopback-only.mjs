/** Preloaded into a server that would listen on every interface: here it listens on 127.0.0.1 only. */
import { Server } from 'node:net'

const { listen } = Server.prototype

Server.prototype.listen = function listenOnLoopback(first, ...rest) {
  if (typeof first === 'object' && first !== null) {
    return listen.call(this, { ...first, host: '127.0.0.1' }, ...rest)
  }
  const callback = rest.find((value) => typeof value === 'function')
  return listen.call(this, { port: first, host: '127.0.0.1' }, callback)
}

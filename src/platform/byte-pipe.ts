interface BytePipe {
  readable: ReadableStream<Uint8Array>
  writable: WritableStream<Uint8Array>
}

/** workerd's own, whose bytes never pass through JavaScript; what has only the standard takes that. */
const { IdentityTransformStream: Native = TransformStream } = globalThis as unknown as {
  IdentityTransformStream?: new () => BytePipe
}

/** Two ends of a pipe: what is written to one is read from the other. A write waits for its reader. */
export function createBytePipe(): BytePipe {
  return new Native()
}

import type { Contender } from '../contenders/contender.ts'
import type { Ground } from '../ground.ts'
import { FACE_CALLS, type FaceCall, faceJob } from '../jobs.ts'
import { measure } from '../measure.ts'
import type { Plan } from '../plan.ts'
import { median } from '../report/statistics.ts'

/** What a streamed answer costs through a face. */
export interface FaceCost {
  contender: Contender['name']
  face: FaceCall['face']
  /** Processor time of a stream, in milliseconds: the median of the rounds. */
  cpuMs: number
  /** The median of each round's ratio to the chat of the same round. */
  againstChat: number
  failed: number
}

/** Streams the same answer through every face in turn, in front of the plug-in's dialect, which looks at every event. */
export async function measureFaces(
  ground: Ground,
  { rounds, paced, warmUp }: Plan,
  onProgress: (message: string) => void,
): Promise<FaceCost[]> {
  const contender = ground.contenders.find(({ name }) => name === 'antigravity')
  if (!contender) return []
  const seen = new Map<FaceCall['face'], { cpuMs: number; failed: number }[]>()
  onProgress('Faces: warming up …')
  for (const call of FACE_CALLS) {
    await ground.runLoad(faceJob(contender, call, paced, warmUp.streams * 4))
  }
  for (let round = 0; round < rounds; round++) {
    onProgress(`Faces: round ${round + 1} …`)
    for (const call of FACE_CALLS) {
      const result = await measure(ground, contender, faceJob(contender, call, paced))
      const failed = Object.values(result.errors).reduce((sum, count) => sum + count, 0)
      const known = seen.get(call.face) ?? []
      seen.set(call.face, [
        ...known,
        { cpuMs: (result.cpuMs ?? Number.NaN) / result.requests, failed },
      ])
    }
  }
  const chat = seen.get('chat') ?? []
  return [...seen].map(([face, all]) => ({
    contender: contender.name,
    face,
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
    againstChat: median(all.map(({ cpuMs }, round) => cpuMs / (chat[round]?.cpuMs ?? Number.NaN))),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
  }))
}

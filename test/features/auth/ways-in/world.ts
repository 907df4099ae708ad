import * as owner from './owner.ts'
import { Scene } from './scene.ts'
import * as squatter from './squatter.ts'

/** What can happen, by either of them. */
const STEPS = {
  squat: squatter.squat,
  'squatter signs in': squatter.comeIn,
  'squatter begins to sign in': squatter.beginToComeIn,
  'squatter comes by provider': squatter.comeByProvider,
  'squatter makes a key': squatter.makeKey,
  'squatter links': squatter.addIdentity,
  'squatter begins to link': squatter.beginToAddIdentity,
  'squatter unlinks': squatter.removeIdentities,
  'squatter enrols': squatter.enrol,
  'squatter changes the password': squatter.changePassword,
  'squatter refreshes': squatter.refresh,
  'squatter moves away': squatter.moveAway,
  'squatter moves in': squatter.moveIn,
  'owner registers': owner.register,
  'owner forgets': owner.forget,
  'owner resets': owner.reset,
  'owner asks for a link': owner.askForLink,
  'owner confirms': owner.confirmAnywhere,
  'owner confirms signed in': owner.confirmSignedIn,
  'owner agrees to a move': owner.agreeToMove,
  'owner comes by provider': owner.comeByProvider,
  'owner signs in': owner.comeIn,
  'owner makes a key': owner.makeKey,
  'owner enrols': owner.enrol,
}

export type Step = keyof typeof STEPS
export const ALL_STEPS = Object.keys(STEPS) as Step[]

/**
 * An address, the person who reads its mails, and somebody else who does not: what each can do, in any
 * order. A step that is not possible does nothing.
 */
export class World {
  readonly #scene = new Scene()

  /** @param pick chooses among several accounts */
  async play(step: Step, pick: number): Promise<void> {
    await STEPS[step](this.#scene, pick)
  }

  /** @returns what is wrong: every way that somebody has who should have none, or has not who should */
  async wrongs(): Promise<string[]> {
    const wrongs: string[] = []
    for (const id of this.#scene.owned.keys()) {
      const held = this.#scene.held.get(id)
      if (held) wrongs.push(...(await squatter.waysOf(this.#scene, id, held)))
      wrongs.push(...(await owner.lossesOf(this.#scene, id)))
    }
    return wrongs
  }
}

// What elements of one card share.

import {createContext} from "../vendor/preact/preact.mjs"

/**
 * @typedef {object} Shared
 * @property {import("../messages.d.ts").Child} tree - of the card that an element is in
 * @property {(action: string, value?: any) => void} say
 * @property {any} work - under way, {} where nothing is
 * @property {Record<string, any>} works - lines of work under way, by name
 * @property {Map<string, {about: string, value: any}>} memory - of elements that have gone
 * @property {Record<string, any>} lists - what elements name
 * @property {number} hovered - sample under the pointer in another view; -1: none
 * @property {{asked?: number, error?: string}} answered - the last question of `Latents`
 * @property {Record<string, number>} chosen - places of options, by the acts of local choices
 * @property {(act: string, place: number) => void} choose
 *
 * @typedef {import("../messages.d.ts").Heat & {v: number, u: number}} Cell - of a map, by its row and column
 * @typedef {Cell | {kind: "button" | "place", says: string, place?: number} | {kind: "dot", number: number, says?: undefined}} Spot - what can be pointed at
 */

/** @type {import("../vendor/preact/preact.d.ts").Context<Shared>} */
export const Card = createContext({
  tree: null,
  say: () => {},
  work: {},
  works: {},
  lists: {},
  memory: new Map(),
  hovered: -1,
  answered: {},
  chosen: {},
  choose: () => {},
})

/**
 * What is pointed at, if anything is told of it, and the function that sets it.
 * @type {import("../vendor/preact/preact.d.ts").Context<{at: Spot | null, point: (at: Spot | null) => void}>}
 */
export const Pointed = createContext({at: null, point: () => {}})

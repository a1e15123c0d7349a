// What elements of one card share.

import {createContext} from "../vendor/preact/preact.mjs"

/**
 * @typedef {object} Shared
 * @property {import("../messages.d.ts").Child} tree - of the card that an element is in
 * @property {(action: string, value?: any) => void} say
 * @property {any} work - under way, {} where nothing is
 * @property {Record<string, any>} lists - what elements name
 * @property {number} hovered - sample under the pointer in another view; -1: none
 *
 * @typedef {import("../messages.d.ts").Heat & {v: number, u: number}} Cell - of a map, by its row and column
 * @typedef {Cell | {kind: "button", says: string}} Spot - what can be pointed at
 */

/** @type {import("../vendor/preact/preact.d.ts").Context<Shared>} */
export const Card = createContext({tree: null, say: () => {}, work: {}, lists: {}, hovered: -1})

/**
 * What is pointed at, if anything is told of it, and the function that sets it.
 * @type {import("../vendor/preact/preact.d.ts").Context<{at: Spot | null, point: (at: Spot | null) => void}>}
 */
export const Pointed = createContext({at: null, point: () => {}})

// What elements of one card share.

import {createContext} from "../vendor/preact/preact.mjs"

/**
 * @typedef {object} Shared
 * @property {import("../messages.d.ts").Child} tree - of the card that an element is in
 * @property {(action: string, value?: any) => void} say
 * @property {number} hovered - sample under the pointer in another view; -1: none
 *
 * @typedef {import("../messages.d.ts").Heat & {v: number, u: number}} Cell - of a map, by its row and column
 */

/** @type {import("../vendor/preact/preact.d.ts").Context<Shared>} */
export const Card = createContext({tree: null, say: () => {}, hovered: -1})

/**
 * The cell that is pointed at, if any, and the function that sets it.
 * @type {import("../vendor/preact/preact.d.ts").Context<{at: Cell | null, point: (at: Cell | null) => void}>}
 */
export const Pointed = createContext({at: null, point: () => {}})

// What elements of one card share.

import {createContext} from "../vendor/preact/preact.mjs"

/** `{tree, say, hovered}` of the card that an element is in. */
export const Card = createContext({tree: null, say: () => {}, hovered: -1})

/** `{at, point}`: the map that is pointed at, its message with a cell {v, u}, or null; and what sets it. */
export const Pointed = createContext({at: null, point: () => {}})

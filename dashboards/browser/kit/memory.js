// State that outlives its element: what was opened or typed is so again when the element returns.

import {useContext, useState} from "../vendor/preact/hooks.mjs"
import {Card} from "./context.js"

/**
 * The value under a name, and the function that sets it; `initial` once more when it is `about` something else.
 * @template T
 * @param {string} name
 * @param {string} about
 * @param {T} initial
 * @returns {[T, (value: T) => void]}
 */
export function useMemory(name, about, initial) {
  const {memory} = useContext(Card)
  const [, redraw] = useState(0)
  const last = memory.get(name)
  const set = (value) => {
    memory.set(name, {about, value})
    redraw((count) => count + 1)
  }
  return [last && last.about === about ? last.value : initial, set]
}

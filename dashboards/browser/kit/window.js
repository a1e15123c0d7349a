// What is around all cards of a page: colors, the address, room, pictures of cards.

import {addressKeeper} from "../page/address.js"
import {dividers} from "../page/dividers.js"
import {savePictures} from "../page/pictures.js"
import {fillScreen} from "../page/screen.js"
import {useContext, useEffect, useLayoutEffect, useRef} from "../vendor/preact/hooks.mjs"
import {Card} from "./context.js"

/** @param {import("../messages.d.ts").Window} message */
export function Window({act, query, dark, run, shortcuts}) {
  const {say, lists} = useContext(Card)
  const now = useRef(/** @type {{run: string, library?: string} | null} */ (null))
  const keep = useRef(/** @type {ReturnType<typeof addressKeeper> | null} */ (null))
  const lent = useRef(/** @type {((library: string) => void) | null} */ (null)) // to who waits for it
  now.current = {run, library: lists.library}
  useLayoutEffect(() => {
    document.documentElement.dataset.dvTheme = dark ? "dark" : "light"
  }, [dark])
  useEffect(() => {
    const ended = new AbortController()
    const {signal} = ended
    keep.current = addressKeeper(signal)
    fillScreen(signal, shortcuts.fill)
    dividers(signal, shortcuts.less, shortcuts.more)
    savePictures(signal, {
      run: () => now.current.run,
      library: () =>
        new Promise((arrive) => {
          if (now.current.library) return arrive(now.current.library)
          lent.current = arrive
          say(act, {library: true})
        }),
      regret: (fault) => say(act, {fault}),
    })
    window.addEventListener("popstate", () => say(act, {go: location.search}), {signal})
    return () => ended.abort()
  }, [])
  useEffect(() => keep.current(query), [query])
  useEffect(() => {
    if (lists.library) lent.current?.(lists.library)
  }, [lists.library])
  return null
}

// How much room there is.

import {useLayoutEffect, useRef, useState} from "../vendor/preact/hooks.mjs"

/** A reference for an element, and its inner width and height now; drawn anew whenever they change. */
export function useRoom() {
  const box = useRef(/** @type {HTMLElement | null} */ (null))
  const [room, take] = useState([0, 0])
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => take([box.current.clientWidth, box.current.clientHeight]))
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])
  return {box, width: room[0], height: room[1]}
}

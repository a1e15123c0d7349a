// Beside the point under the pointer: its picture, and lines of what is known of it.

import {h, render} from "../../vendor/preact/preact.mjs"
import {imageData} from "../bytes.js"
import {put} from "./stage.js"

const GAP = 14 // CSS pixels between a tip and its point

/** The function that shows what a model's `tip` and `picture` say, at a spot; null: nothing is under the pointer. */
export function tipOn(stage) {
  const element = document.createElement("div")
  const canvas = document.createElement("canvas")
  const facts = document.createElement("div")
  let shown = null
  element.className = "tip"
  facts.className = "facts"
  element.append(canvas, facts)
  stage.element.append(element)

  return (at, {tip, picture}) => {
    put(element, at)
    if (!at) return
    if (shown !== tip) {
      shown = tip
      const image = imageData(new Uint8Array(picture), tip.shape)
      ;[canvas.width, canvas.height] = [image.width, image.height]
      canvas.getContext("2d").putImageData(image, 0, 0)
      render(
        tip.lines.map((line, index) => h(index ? "p" : "strong", {}, line)),
        facts,
      )
    }
    const [left, top] = at.map((from, k) => {
      const side = k ? element.offsetHeight : element.offsetWidth
      return from + GAP + side < stage.size[k] ? from + GAP : Math.max(0, from - GAP - side)
    })
    put(element, [left, top])
  }
}

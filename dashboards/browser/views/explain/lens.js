import {h} from "../../widgets/dom.js"

const LENS = 232 // CSS pixels of its longer side

/** Enlarges the picture under the pointer, with its name, beside it and inside `root`. */
export function lensOver(root) {
  let lens = null
  const hide = () => {
    lens?.remove()
    lens = null
  }

  function show(canvas) {
    hide()
    const {width, height} = canvas,
      scale = LENS / Math.max(width, height),
      box = canvas.getBoundingClientRect(),
      room = root.getBoundingClientRect()
    const large = h("canvas", {width, height, style: `width:${width * scale}px; height:${height * scale}px`})
    large.getContext("2d").drawImage(canvas, 0, 0)
    lens = h(
      "div",
      {class: "lens", "aria-hidden": "true"},
      large,
      h("p", {class: "quiet"}, canvas.getAttribute("aria-label")),
    )
    root.append(lens)
    const right = box.right - room.left + 10,
      left = box.left - room.left - 10 - lens.offsetWidth
    lens.style.left = `${right + lens.offsetWidth <= room.width ? right : Math.max(0, left)}px`
    lens.style.top = `${Math.max(0, Math.min(box.top - room.top, room.height - lens.offsetHeight))}px`
  }

  root.addEventListener("pointerover", (event) => {
    const canvas = event.target.closest?.(".methods canvas.map, .cell canvas.map")
    if (canvas && event.pointerType === "mouse") show(canvas)
    else hide()
  })
  root.addEventListener("pointerleave", hide)
  root.addEventListener("pointerdown", hide)
}

// What has the focus, through shadow roots, and whether that is seen; null at the end of the page.
() => {
  let node = document.activeElement
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement
  if (!node || node === document.body) return null
  const up = (element) => element.parentElement ?? element.getRootNode().host ?? null
  const outlined = (element) => {
    const {outlineStyle, outlineWidth} = getComputedStyle(element)
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0
  }
  const drawn = () => { const {stroke, strokeWidth, opacity} = getComputedStyle(node); return [stroke, strokeWidth, opacity].join() }
  let seen = outlined(node) || outlined(up(node))
  if (!seen && node instanceof SVGElement) {   // a drawing has a line of its own
    const focused = drawn()
    node.blur()
    seen = drawn() !== focused
    node.focus()
  }
  const {width, height} = node.getBoundingClientRect()
  return {html: node.cloneNode().outerHTML.slice(0, 200), seen: seen && width > 0 && height > 0}
}

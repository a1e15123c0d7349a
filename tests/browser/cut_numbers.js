// The numbers of a page that are seen in part: behind an edge, or an ellipsis.
() => {
  const cut = []
  const clips = (style) => [style.overflowX, style.overflowY].some((value) => value !== "visible")
  const up = (node) => node.parentElement ?? node.getRootNode().host ?? null
  function look(text) {
    if (!text.parentElement?.checkVisibility()) return // in what is folded
    const range = document.createRange()
    for (const {index, 0: {length}} of text.data.matchAll(/\S*\d\S*/g)) {
      range.setStart(text, index); range.setEnd(text, index + length)
      for (const at of range.getClientRects()) {
        if (!at.width || !at.height) continue
        let seen = {left: at.left, right: at.right, top: at.top, bottom: at.bottom}
        for (let box = up(text); box; box = up(box)) {
          const style = getComputedStyle(box)
          if (style.display === "contents" || !(clips(style) || box === document.documentElement)) continue
          const edge = box.getBoundingClientRect()
          const dots = style.textOverflow === "ellipsis" && box.scrollWidth > box.clientWidth ? 14 : 0
          seen = {left: Math.max(seen.left, edge.left), right: Math.min(seen.right, edge.right - dots),
            top: Math.max(seen.top, edge.top), bottom: Math.min(seen.bottom, edge.bottom)}
        }
        const width = seen.right - seen.left, height = seen.bottom - seen.top
        const hidden = width <= 0 || height <= 0
        if (!hidden && (width < at.width - 1 || height < at.height - 4)) cut.push(`${text.data.slice(index, index + length)} of “${text.data.trim()}”`)
      }
    }
  }
  function visit(root) {
    for (const node of root.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) look(node)
      else if (node.nodeType === Node.ELEMENT_NODE && !["STYLE", "SCRIPT", "OPTION"].includes(node.tagName)) { if (node.shadowRoot) visit(node.shadowRoot); visit(node) }
    }
  }
  visit(document.body)
  return cut
}

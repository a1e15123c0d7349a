// The texts of a page that end in an ellipsis, and that nothing tells in full.
() => {
  const cut = []
  const up = (node) => node.parentElement ?? node.getRootNode().host ?? null
  function told(node) {
    for (let at = node; at; at = up(at)) if (at.title) return true
    return false
  }
  function visit(root) {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) visit(node.shadowRoot)
      const dots = getComputedStyle(node).textOverflow === "ellipsis" && node.scrollWidth > node.clientWidth
      if (dots && node.checkVisibility({visibilityProperty: true}) && !told(node)) cut.push(node.textContent.trim())
    }
  }
  visit(document.body)
  return cut
}

// Tools of every component: building elements, speaking to Python, following the theme.

/** An element with attributes (functions become listeners) and children (null ones are left out). */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value)
    else if (value === true) element.setAttribute(name, "")
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children.flat().filter((child) => child != null))
  return element
}

/** The same in a drawing; attributes that are null are left out, too. */
export function svgNode(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value)
    else if (value != null) element.setAttribute(key, value)
  }
  element.append(...children.flat(Infinity).filter((child) => child != null))
  return element
}

/** Puts children in the place of an element's own; null ones are left out. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child != null))
}

/** A button with a line drawing: `path` is SVG path data in a 16 x 16 box. */
export function iconButton(label, path, attributes) {
  const button = h("button", {type: "button", title: label, "aria-label": label, ...attributes})
  button.innerHTML = `<svg viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor"
    stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="${path}"/></svg>`
  return button
}

/** One of several choices: `options` is [[value, text, title], ...]. */
export function segmented(label, options, chosen, choose) {
  return h(
    "div",
    {class: "segmented", role: "group", "aria-label": label},
    options.map(([value, text, title]) =>
      h(
        "button",
        {type: "button", title, "aria-pressed": String(value === chosen), click: () => choose(value)},
        text,
      ),
    ),
  )
}

/** A badge on what comes from a run that is still going; `why` is the hint. */
export function partial(why) {
  return h("span", {class: "partial", title: why}, "partial")
}

export function say(model, action, value = null) {
  model.send_msg({action, value})
}

/**
 * Calls `draw` in the next frame, once for all calls before it, and not while the pointer is down on `root`:
 * a click on what is drawn anew between press and release is lost.
 */
export function betweenPresses(root, draw) {
  let wanted = false,
    pressed = false
  const frame = () =>
    requestAnimationFrame(() => {
      if (wanted && !pressed) {
        wanted = false
        draw()
      }
    })
  const release = () => {
    pressed = false
    frame()
  }
  root.addEventListener("pointerdown", ({target}) => {
    if (target.tagName === "SELECT") return // its list takes the release
    pressed = true
    for (const end of ["pointerup", "pointercancel"])
      window.addEventListener(end, release, {once: true, capture: true})
  })
  return () => {
    wanted = true
    frame()
  }
}

/** Calls `draw` whenever light and dark change places, until the component is removed. */
export function followTheme(model, draw) {
  const observer = new MutationObserver(draw)
  observer.observe(document.documentElement, {attributeFilter: ["data-dv-theme"]})
  model.on("remove", () => observer.disconnect())
}

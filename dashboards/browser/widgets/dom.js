// Tools of components that are no cards of the kit: building elements, speaking to Python.

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

/** Puts children in the place of an element's own; null ones are left out. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child != null))
}

export function say(model, action, value = null) {
  model.send_msg({action, value})
}

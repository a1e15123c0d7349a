// Messages as nodes. Each module of an element registers its kinds; `elements.js` imports them all.

import {h} from "../vendor/preact/preact.mjs"

const KINDS = {}

/** Draws messages of these kinds by these components from now on. */
export function register(components) {
  Object.assign(KINDS, components)
}

/** A node for every child: an element's message, a string, or nothing. */
export function nodes(children = []) {
  return children.map((child) => (child?.kind ? h(KINDS[child.kind], child) : child))
}

/**
 * Attributes that any element can have.
 * @param {import("../messages.d.ts").Element & {role?: string}} message
 */
export function attributes({look, hint, label, style, role, data}) {
  const named = Object.entries(data ?? {}).map(([name, value]) => [`data-${name}`, value])
  return {class: look, title: hint, "aria-label": label, style, role, ...Object.fromEntries(named)}
}

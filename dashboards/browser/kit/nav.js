// Places to be, of which one is open.

import {useContext, useLayoutEffect, useState} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Card} from "./context.js"
import {attributes} from "./node.js"

/**
 * The one that is asked for is marked before it is there.
 * @param {import("../messages.d.ts").Nav} message
 */
export function Nav({act, options, chosen, ...rest}) {
  const {say, tree} = useContext(Card)
  const [wanted, want] = useState(chosen)
  useLayoutEffect(() => want(chosen), [chosen, tree])
  const go = ({currentTarget}, name) => {
    for (const each of currentTarget.parentNode.children) each.removeAttribute("aria-current")
    currentTarget.setAttribute("aria-current", "page")
    want(name)
    say(act, name)
  }
  const place = ([name, text]) => {
    const current = name === wanted ? "page" : undefined
    return h("button", {type: "button", "aria-current": current, onClick: (event) => go(event, name)}, text)
  }
  return h("nav", attributes(rest), options.map(place))
}

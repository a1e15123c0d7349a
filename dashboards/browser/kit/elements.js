// The elements of `dashboards/kit/elements.py`: what a message's `kind` is drawn by.

import {useContext} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Chart} from "./chart.js"
import {Check} from "./check.js"
import {Close} from "./close.js"
import {Confirm} from "./confirm.js"
import {Card, Pointed} from "./context.js"
import {Copy} from "./copy.js"
import {Curve} from "./curve.js"
import {Cut} from "./cut.js"
import {Field} from "./field.js"
import {Heat, Scale} from "./heat.js"
import {HelpButton} from "./help_button.js"
import {Histogram} from "./histogram.js"
import {Icon} from "./icon.js"
import {Line} from "./line.js"
import {Link} from "./link.js"
import {Listing} from "./listing.js"
import {Matrix} from "./matrix.js"
import {Menu, Signal} from "./menu.js"
import {Moment} from "./moment.js"
import {Nav} from "./nav.js"
import {attributes, nodes, register} from "./node.js"
import {Picture} from "./picture.js"
import {Query} from "./query.js"
import {Read} from "./read.js"
import {Roving} from "./roving.js"
import {Share} from "./share.js"
import {Shelf, Shelves} from "./shelves.js"
import {useShortcut} from "./shortcut.js"
import {Slider} from "./slider.js"
import {Tabs} from "./tabs.js"
import {Thumbnail} from "./thumbnail.js"
import {FileButton, Upload} from "./upload.js"
import {Way} from "./way.js"
import {Window} from "./window.js"

/** @param {import("../messages.d.ts").Box} message */
function Box({children, tag, roving, about, focusable, follows, sorted, ...rest}) {
  const [made, more] = roving ? [Roving, {tag, roving, follows}] : about ? [Listing, {tag, about}] : [tag, {}]
  const states = {tabIndex: focusable ? 0 : undefined, "aria-sort": sorted}
  return h(made, {...attributes(rest), ...states, ...more}, nodes(children))
}

/** @param {import("../messages.d.ts").Button} message */
function Button({children, act, value, keys, pressed, expanded, disabled, hover, current, says, ...rest}) {
  const {say, hovered} = useContext(Card)
  const {at, point} = useContext(Pointed)
  const click = ({shiftKey, ctrlKey, metaKey}) =>
    say(act, keys ? {...Object(value), shift: shiftKey, ctrl: ctrlKey || metaKey} : value)
  const hovering =
    hover == null
      ? {}
      : {
          onPointerEnter: () => say("hover", hover),
          onPointerLeave: () => say("hover"),
          "data-hovered": hover === hovered ? "" : undefined,
        }
  const saying = says && {
    onPointerMove: () => at?.says !== says && point({kind: "button", says}),
    onPointerLeave: () => point(null),
  }
  const states = {
    disabled,
    "aria-pressed": pressed,
    "aria-expanded": expanded,
    "aria-current": current ? "step" : undefined,
  }
  return h(
    "button",
    {type: "button", onClick: click, ...states, ...hovering, ...saying, ...attributes(rest)},
    nodes(children),
  )
}

/** @param {import("../messages.d.ts").KeyButton} message */
function KeyButton({shortcut, ...rest}) {
  const {say} = useContext(Card)
  useShortcut(rest.disabled ? "" : shortcut, () => say(rest.act, rest.value))
  return h(Button, rest)
}

/** @param {import("../messages.d.ts").Choice} message */
function Choice({act, options, chosen, segments, disabled, label, hint}) {
  const {say} = useContext(Card)
  if (segments) {
    const button = ([value, text, title]) => {
      const states = {"aria-pressed": value === chosen, disabled: disabled.includes(value)}
      return h("button", {type: "button", title, ...states, onClick: () => say(act, value)}, text)
    }
    return h("div", {class: "segmented", role: "group", "aria-label": label}, options.map(button))
  }
  const option = ([value, text, title]) =>
    h("option", {value, title, selected: value === chosen, disabled: disabled.includes(value)}, text)
  const change = (event) => say(act, event.target.value)
  return h("select", {"aria-label": label, title: hint, value: chosen, onChange: change}, options.map(option))
}

/**
 * A bar, the line of its interval, and a mark.
 * @param {import("../messages.d.ts").Rail} message
 */
function Rail({value, interval, mark, fill, start, ...rest}) {
  const percent = (share) => `${100 * share}%`
  const [low, high] = interval ?? []
  const color = fill ? {background: fill} : {}
  const bar = {left: percent(Math.min(start, value)), width: percent(Math.abs(value - start)), ...color}
  return h(
    "span",
    {...attributes(rest), class: `rail ${rest.look ?? ""}`},
    h("i", {class: "bar-fill", style: bar}),
    interval && h("i", {class: "interval", style: {left: percent(low), width: percent(high - low)}}),
    mark != null && h("i", {class: "at", style: {left: percent(mark)}}),
  )
}

register({
  box: Box,
  button: Button,
  chart: Chart,
  choice: Choice,
  curve: Curve,
  cut: Cut,
  thumbnail: Thumbnail,
  heat: Heat,
  helpbutton: HelpButton,
  histogram: Histogram,
  icon: Icon,
  matrix: Matrix,
  picture: Picture,
  rail: Rail,
  read: Read,
  scale: Scale,
  shelf: Shelf,
  shelves: Shelves,
  slider: Slider,
  close: Close,
  way: Way,
  check: Check,
  confirm: Confirm,
  copy: Copy,
  field: Field,
  line: Line,
  link: Link,
  moment: Moment,
  upload: Upload,
  filebutton: FileButton,
  keybutton: KeyButton,
  menu: Menu,
  nav: Nav,
  query: Query,
  share: Share,
  signal: Signal,
  window: Window,
  tabs: Tabs,
})

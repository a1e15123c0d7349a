// The elements of `dashboards/kit/elements.py`: what a message's `kind` is drawn by.

import {useContext, useRef} from "../vendor/preact/hooks.mjs"
import {h} from "../vendor/preact/preact.mjs"
import {Badge} from "./badge.js"
import {Bars} from "./bars.js"
import {Chart} from "./chart.js"
import {Check} from "./check.js"
import {Close} from "./close.js"
import {Confirm} from "./confirm.js"
import {Card, Pointed} from "./context.js"
import {Copy} from "./copy.js"
import {Counts} from "./counts.js"
import {Curve} from "./curve.js"
import {Cut} from "./cut.js"
import {Dialog} from "./dialog.js"
import {Drawing} from "./drawing.js"
import {Entry} from "./entry.js"
import {Fold, Form, Popover, Sheet, Submit} from "./forms.js"
import {Heat, Scale} from "./heat.js"
import {HelpButton} from "./help_button.js"
import {Histogram} from "./histogram.js"
import {Icon} from "./icon.js"
import {Latents} from "./latents.js"
import {Lens} from "./lens.js"
import {Line} from "./line.js"
import {Link} from "./link.js"
import {Listing} from "./listing.js"
import {Matrix} from "./matrix.js"
import {Menu, Signal} from "./menu.js"
import {Moment} from "./moment.js"
import {Nav} from "./nav.js"
import {NeighborTiles} from "./neighbor_tiles.js"
import {attributes, nodes, register} from "./node.js"
import {Notes} from "./notes.js"
import {Overlay} from "./overlay.js"
import {Picture} from "./picture.js"
import {Query} from "./query.js"
import {Read} from "./read.js"
import {River} from "./river.js"
import {Roving} from "./roving.js"
import {Facts, Scatter} from "./scatter.js"
import {Search} from "./search.js"
import {Share} from "./share.js"
import {Shelf, Shelves} from "./shelves.js"
import {Shortcut, useShortcut} from "./shortcut.js"
import {Slider} from "./slider.js"
import {Tabs} from "./tabs.js"
import {Thumbnail} from "./thumbnail.js"
import {Tour} from "./tour.js"
import {FileButton, Upload} from "./upload.js"
import {Way} from "./way.js"
import {Window} from "./window.js"
import {Progress} from "./work.js"

/** @param {import("../messages.d.ts").Box} message */
function Box({children, tag, roving, about, focusable, follows, sorted, ...rest}) {
  const [made, more] = roving ? [Roving, {tag, roving, follows}] : about ? [Listing, {tag, about}] : [tag, {}]
  const states = {tabIndex: focusable ? 0 : undefined, "aria-sort": sorted}
  return h(made, {...attributes(rest), ...states, ...more}, nodes(children))
}

/** @param {import("../messages.d.ts").Button} message */
function Button(message) {
  const {
    children,
    act,
    value,
    keys,
    pressed,
    expanded,
    disabled,
    hover,
    current,
    says,
    checked,
    shortcut,
    ...rest
  } = message
  const {say, hovered} = useContext(Card)
  const {at, point} = useContext(Pointed)
  const button = useRef(null)
  useShortcut(shortcut, () => button.current.click(), button)
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
    ...(checked == null ? {} : {role: "switch", "aria-checked": checked}),
  }
  return h(
    "button",
    {type: "button", onClick: click, ...hovering, ...saying, ...attributes(rest), ...states, ref: button},
    nodes(children),
    h(Shortcut, {name: shortcut}),
  )
}

/** @param {import("../messages.d.ts").KeyButton} message */
function KeyButton({shortcut, ...rest}) {
  const {say} = useContext(Card)
  useShortcut(rest.disabled ? "" : shortcut, () => say(rest.act, rest.value))
  return h(Button, rest)
}

/** @param {import("../messages.d.ts").Choice} message */
function Choice({act, options, chosen: told = "", segments, disabled, label, hint, local}) {
  const {say, chosen: places, choose} = useContext(Card)
  const chosen = (local ? options[places[act]]?.[0] : null) ?? told
  const ask = (value, place) => (local ? choose(act, place) : say(act, value))
  if (segments) {
    const button = ([value, text, title], place) => {
      const states = {"aria-pressed": value === chosen, disabled: disabled.includes(value)}
      return h("button", {type: "button", title, ...states, onClick: () => ask(value, place)}, text)
    }
    return h("div", {class: "segmented", role: "group", "aria-label": label}, options.map(button))
  }
  const option = ([value, text, title]) =>
    h("option", {value, title, selected: value === chosen, disabled: disabled.includes(value)}, text)
  const change = ({target: {value, selectedIndex}}) => ask(value, selectedIndex)
  return h("select", {"aria-label": label, title: hint, value: chosen, onChange: change}, options.map(option))
}

/** @param {import("../messages.d.ts").Alternatives} message */
function Alternatives({of, first, children}) {
  return nodes([children[useContext(Card).chosen[of]] ?? children[first]])
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
  alternatives: Alternatives,
  badge: Badge,
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
  notes: Notes,
  overlay: Overlay,
  neighbortiles: NeighborTiles,
  latents: Latents,
  search: Search,
  counts: Counts,
  river: River,
  drawing: Drawing,
  bars: Bars,
  fold: Fold,
  popover: Popover,
  sheet: Sheet,
  dialog: Dialog,
  form: Form,
  submit: Submit,
  progress: Progress,
  lens: Lens,
  scatter: Scatter,
  facts: Facts,
  check: Check,
  confirm: Confirm,
  copy: Copy,
  entry: Entry,
  line: Line,
  link: Link,
  moment: Moment,
  tour: Tour,
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

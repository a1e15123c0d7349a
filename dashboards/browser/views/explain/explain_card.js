import {diverging} from "../../kit/diverging.js"
import {scaleStrip, signedMap} from "../../widgets/diverging.js"
import {betweenPresses, caret, followTheme, h, say} from "../../widgets/dom.js"
import {workLine} from "../../widgets/work.js"
import {curveSheet} from "./curve.js"
import {classesDrawer, signed} from "./drawer.js"
import {lensOver} from "./lens.js"
import {settingsPopover} from "./settings.js"
import {tuningSheet} from "./tuning.js"

/** How a verdict on a map is drawn beside its name. */
const SIGNS = {holds: "holds", "partly holds": "partly", "does not hold": "fails"}
const sign = ({verdict, disputed}) => (disputed ? "disputed" : SIGNS[verdict])

export function render({model}) {
  const root = h("div", {style: "height:100%; position:relative"})
  lensOver(root)
  let open = false // the drawer
  let colors = false // in it the colors of two classes stand apart
  let fit = null // index of the fit in the drawer; null: the smoothest, whose picture is above

  let settings = false // the popover is open
  let typed = {} // in it, for this image
  let tuning = false // the sheet of tuning lies over the card
  let curve = null // the sheet of the curve lies over the card: what is typed in it
  let sample = null,
    fault = ""
  const work = workLine(() => say(model, "cancel")),
    tuningWork = workLine(() => say(model, "leave")),
    curveWork = workLine(() => say(model, "stop"))

  const card = () => model.card
  const front = () => (model.front.points ? model.front : null)
  const course = () => (model.course.step ? model.course : null)
  const smoothest = () =>
    card().drawer.fits.reduce(
      (best, each, index, all) => (each.smoothness > all[best].smoothness ? index : best),
      0,
    )
  const chosen = () => (fit !== null && fit < card().drawer.fits.length ? fit : smoothest())

  function maps(number) {
    const held = model.maps,
      [height, width] = card().shape,
      size = height * width
    return new Int8Array(
      held instanceof ArrayBuffer ? held : held.buffer,
      (held.byteOffset ?? 0) + number * size,
      size,
    )
  }

  /** A map of the drawer: each fit has the weights of every class, then their contributions; then so of `channels`. */
  function ofClass(which, kind, position, color = false) {
    const {
        pictures,
        drawer: {classes, channels, fits},
      } = card(),
      place = which * 2 + (kind === "weights" ? 0 : 1)
    return maps(
      pictures.length +
        (color ? fits.length * 2 * classes.length + place * channels.length : place * classes.length) +
        position,
    )
  }

  function heading(palette) {
    const {
      sample,
      contrast: [first, second],
      sums,
      teacher,
    } = card()
    const part = (kind, name, value, title) =>
      h("span", {class: `part ${kind}`, title}, `${name} `, h("b", {}, signed(value)))
    return h(
      "div",
      {class: "head"},
      h(
        "h3",
        {class: "title", title: `Why ${first}, not ${second}?`},
        h("span", {class: "index"}, `#${sample}`),
        `Why ${first}, not ${second}?`,
      ),
      h("div", {class: "tools"}, scale(palette), popover()),
      h(
        "p",
        {class: "sums"},
        h("span", {class: "what"}, `${first} − ${second}`),
        ...(sums
          ? [
              part(
                "base",
                sums.against,
                sums.base,
                `What the student answers to the ${sums.against}, before this image's own pixels count`,
              ),
              part(
                "pixels",
                "pixels",
                sums.pixels,
                `What the pixels of the student's picture add to it: by how much this image differs from the ${sums.against}`,
              ),
              part("margin", "= student", sums.margin, "What the student answers to this image"),
            ]
          : []),
        h(
          "span",
          {
            class: "part quiet teacher",
            title: "The teacher's logit of the first class less that of the second",
          },
          `teacher ${signed(teacher)}`,
        ),
      ),
    )
  }

  function picture(one, index, palette) {
    const pressed = card().overlay === one.name
    const hint = pressed ? "Take it off the image" : "Lay it over the image"
    return h(
      "button",
      {
        type: "button",
        class: "method",
        "aria-pressed": String(pressed),
        title: `${one.label}: ${one.what}. ${one.verdict ? `On this image it ${verdict(one)}. ` : ""}${hint}`,
        click: () => say(model, "overlay", pressed ? "" : one.name),
      },
      h("b", {class: sign(one)}, one.label),
      signedMap(maps(index), card().shape, palette, `${one.label}, what speaks for and against`),
      h("span", {class: "quiet what"}, one.what),
    )
  }

  /** Positions on the axis that all methods share, in percent from below. */
  function axis() {
    const [low, high] = card().axis,
      span = high - low || 1
    return (value) => (100 * (value - low)) / span
  }

  /** The verdict in words; where two judges differ, which way. */
  function verdict({verdict, disputed, lost, chance}) {
    return disputed
      ? `is disputed: ${lost > chance ? "it holds by flat colors and not by the autoencoder" : "it holds by the autoencoder and not by flat colors"}`
      : verdict
  }

  /** What a map costs by one judge, on the axis. */
  function bar(judge, lost, chance, at, middle = null) {
    const [low, high] = lost < 0 ? [lost, 0] : [0, lost]
    return h(
      "span",
      {class: `judge ${judge}${lost > chance ? " beats" : ""}`},
      h("i", {class: "chance", style: `bottom:${at(-chance)}%; height:${at(chance) - at(-chance)}%`}),
      h("i", {class: "stem", style: `bottom:${at(low)}%; height:${at(high) - at(low)}%`}),
      middle,
      h("i", {class: "value", style: `bottom:${at(lost)}%`}),
      h("span", {class: "number", style: `bottom:${at(lost)}%`}, signed(lost)),
    )
  }

  function column(one, at) {
    const {label, lost, chance, median, infill_lost: second, infill_chance: band} = one
    const middle = median === null ? null : h("i", {class: "median", style: `bottom:${at(median)}%`})
    if (lost === null)
      return h(
        "div",
        {class: "column"},
        h("span", {class: "judge"}, middle),
        h("span", {class: "unmeasured quiet"}, "not measured"),
      )
    const autoencoder = second === null ? "" : `; by the autoencoder ${signed(second)}, ±${band.toFixed(2)}`
    return h(
      "div",
      {
        class: `column${second === null ? "" : " two"}`,
        role: "img",
        title: `${label} ${verdict(one)} here: ${signed(lost)} logits beyond the same map laid elsewhere; chance reaches ±${chance.toFixed(2)}${autoencoder}${median === null ? "" : `; the run's median is ${signed(median)}`}`,
        "aria-label": `${signed(lost)} logits, ${lost > chance ? "beyond" : "within"} chance${autoencoder}: ${verdict(one)}`,
      },
      bar("colors", lost, chance, at, middle),
      second === null ? null : bar("infill", second, band, at),
    )
  }

  /** The second judge: its key, what it cannot say, or how it is asked. */
  function infill() {
    const {state, fault} = card().infill
    if (state === "judged")
      return [
        h("span", {class: "key"}, h("i", {class: "value"}), "by flat colors"),
        h("span", {class: "key infill"}, h("i", {class: "value"}), "by the autoencoder"),
      ]
    if (state === "knows nothing")
      return h("span", {class: "key"}, "The autoencoder knows nothing of this image.")
    if (state !== "ask") return null
    return [
      h(
        "button",
        {
          type: "button",
          class: "chip",
          title: "A second judge: the autoencoder fills in what is absent, instead of flat colors",
          click: () => say(model, "infill", card().sample),
        },
        "Ask a second judge",
      ),
      fault ? h("span", {class: "warning"}, fault) : null,
    ].filter(Boolean)
  }

  function faithfulness() {
    const {pictures, missing, beats_chance, sentence} = card()
    if (missing)
      return h(
        "div",
        {class: "missing"},
        h("p", {}, missing.text),
        missing.command ? h("code", {}, missing.command) : null,
      )
    const at = axis()
    return h(
      "div",
      {class: "faithfulness"},
      h(
        "p",
        {class: "quiet legend"},
        "Logits lost without a map’s strongest tenth of pixels, beyond the same map laid elsewhere",
        h("span", {class: "key"}, h("i", {class: "chance"}), "chance"),
        h("span", {class: "key"}, h("i", {class: "median"}), "the run’s median"),
        infill(),
      ),
      h(
        "div",
        {class: "row axis", style: `--pictures:${pictures.length}`},
        h("i", {class: "zero", style: `--zero:${at(0) / 100}`}),
        pictures.map((one) => column(one, at)),
      ),
      beats_chance === false
        ? h("p", {class: "warning nobody"}, "No method beats chance on this image: the maps are gray.")
        : null,
      sentence ? h("p", {class: "quiet sentence"}, sentence) : null,
    )
  }

  /** The colors by what they speak for; where no map beats chance there is no for and against. */
  function scale(palette) {
    const {
      contrast: [first, second],
      end,
      beats_chance,
    } = card()
    const [low, high] = beats_chance === false ? ["little", "much"] : [`for ${second}`, `for ${first}`]
    const side = (words) => h("span", {title: words}, words)
    return h(
      "div",
      {
        class: "scale quiet",
        title: `Every picture weighs the same: its mean pixel is 1, and the colors end at ${end.toFixed(1)}. Zero is the background.`,
      },
      side(low),
      scaleStrip(palette),
      side(high),
    )
  }

  function popover() {
    return settingsPopover(card(), {
      open: settings,
      typed,
      toggle: (value) => {
        settings = value
        draw()
      },
      fit: (texts) => {
        settings = false
        draw()
        say(model, "fit", texts)
      },
      tune: () => {
        settings = false
        tuning = true
        draw()
        if (!front()) say(model, "tune", card().sample)
      },
      curve: () => {
        settings = false
        curve = asked()
        draw()
        if (!course()) follow()
      },
    })
  }

  /** What the curve's sheet begins with: the last one's, or the student's own settings, where these name an optimizer. */
  function asked() {
    if (course()) return {...course().texts}
    const {solver, learning_rate, steps} = texts()
    return solver === "exact"
      ? {solver: "adam", learning_rate: "0.01", steps}
      : {solver, learning_rate, steps}
  }

  const texts = () => ({
    ...Object.fromEntries(card().refit.options.map(({name, text}) => [name, text])),
    ...typed,
  })
  const follow = () => say(model, "follow", [card().sample, {...texts(), ...curve}])

  /** Above the card, while something is tuned or followed and its sheet is closed. */
  function lines() {
    return [
      tuning || !model.tuning.text ? null : tuningWork.element,
      curve || !model.following.text ? null : curveWork.element,
    ].filter(Boolean)
  }

  function sheet() {
    if (curve && card().refit)
      return curveSheet(card(), course(), curve, curveWork.element, {
        close: () => {
          curve = null
          draw()
        },
        follow,
      })
    if (!tuning || !card().refit) return null
    return tuningSheet(card(), front(), tuningWork.element, {
      close: () => {
        tuning = false
        draw()
      },
      tune: () => say(model, "tune", card().sample),
      fit: (texts) => {
        tuning = false
        draw()
        say(model, "fit", texts)
      },
    })
  }

  /** What can be done to have a student, or its maps. */
  function absent({title, text, command, action, busy, refit, again, fault: failed}) {
    const {refusal} = refit ?? {},
      fault = failed || refit?.fault
    return h(
      "div",
      {class: "empty"},
      title ? h("strong", {}, title) : null,
      h("p", {}, text),
      fault ? h("p", {class: "warning"}, fault) : null,
      action
        ? h(
            "div",
            {class: "tools"},
            h(
              "button",
              {
                type: "button",
                class: "action",
                disabled: busy || Boolean(refusal),
                title: refusal ?? "",
                click: () => say(model, "fit"),
              },
              action,
            ),
            again
              ? h(
                  "button",
                  {type: "button", class: "chip", click: () => say(model, "explain", card().sample)},
                  again,
                )
              : null,
            busy || refusal ? null : popover(),
          )
        : null,
      refusal ? h("p", {class: "quiet", role: "note"}, refusal) : null,
      command ? h("code", {}, command) : null,
    )
  }

  /** A student of an image whose maps need none. */
  function offer({title, text, action, busy, refit, command}) {
    const {refusal, fault} = refit ?? {}
    return h(
      "div",
      {class: "offer"},
      h(
        "p",
        {class: "quiet"},
        h("b", {}, title),
        ` ${refusal || text}`,
        fault ? h("span", {class: "warning"}, fault) : null,
      ),
      action && !refusal
        ? h(
            "button",
            {
              type: "button",
              class: "chip",
              disabled: busy,
              title: command ?? "",
              click: () => say(model, "fit"),
            },
            action,
          )
        : null,
    )
  }

  function draw() {
    const shown = card(),
      held = caret(root)
    if (shown.sample !== sample) {
      sample = shown.sample
      typed = {}
      settings = false
      tuning = false
      curve = null
    }
    const failed = shown.refit?.fault ?? ""
    if (failed && failed !== fault) settings = true
    fault = failed
    if (!shown.pictures) {
      root.replaceChildren(
        h(
          "div",
          {class: "none"},
          work.element,
          ...lines(),
          absent({text: "", ...shown}),
          ...[sheet()].filter(Boolean),
        ),
      )
      keepFocus(held)
      return
    }
    const palette = diverging(shown.beats_chance !== false)
    root.replaceChildren(
      h(
        "div",
        {
          class: `card${open && shown.drawer ? " open" : ""}`,
          style: `--ratio:${shown.shape[1] / shown.shape[0]}`,
        },
        heading(palette),
        work.element,
        lines(),
        shown.warning ? h("p", {class: "warning gate"}, shown.warning) : null,
        h(
          "div",
          {class: "row methods", style: `--pictures:${shown.pictures.length}`},
          shown.pictures.map((one, index) => picture(one, index, palette)),
        ),
        faithfulness(),
        shown.offer ? offer(shown.offer) : null,
        shown.drawer &&
          classesDrawer(shown, ofClass, {
            open,
            fit: chosen(),
            colors,
            split: (value) => {
              colors = value
              draw()
            },
            choose: (value) => {
              fit = value
              draw()
            },
            toggle: (value) => {
              open = value
              draw()
            },
            use: (key) => say(model, "settings", key),
          }),
        sheet(),
      ),
    )
    keepFocus(held)
  }

  /** Who types goes on in the same field; else keys go to the open sheet: Escape closes it, and nothing else. */
  function keepFocus(held) {
    const open = root.querySelector(".sheet")
    held(open ?? root)
    if (open && !root.contains(root.getRootNode().activeElement)) open.focus({preventScroll: true})
  }

  model.on(["card", "maps", "front", "course"], betweenPresses(root, draw))
  model.on("work", () => work.show(model.work))
  model.on("tuning", () => {
    tuningWork.show(model.tuning)
    if (!tuning && tuningWork.element.isConnected !== Boolean(model.tuning.text)) draw()
  })
  model.on("following", () => {
    curveWork.show(model.following)
    if (!curve && curveWork.element.isConnected !== Boolean(model.following.text)) draw()
  })
  work.show(model.work)
  curveWork.show(model.following)
  tuningWork.show(model.tuning)
  followTheme(model, draw)
  draw()
  return root
}

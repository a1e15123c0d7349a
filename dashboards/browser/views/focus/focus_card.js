import {h, iconButton, partial, say, segmented} from "../../widgets/dom.js"
import {cardOf, helpButton} from "../../widgets/help.js"
import {share} from "../../widgets/share.js"
import {FLAG, markPopover} from "./mark.js"

const STUDENT =
  "Neighbors are variations of this image; the student is a simple model of what the teacher, your classifier, answers to them; held-out ones it never saw"

export function render({model}) {
  const root = h("div", {style: "height:100%"})
  let unit = "probability"
  const help = helpButton(model, "this card")
  let popover = null // open: what a person says of the label
  let sample = null // that it is about
  let opacity = 0.6 // of what lies over the image

  const bytesOf = (held, kind) =>
    held instanceof ArrayBuffer ? new kind(held) : new kind(held.buffer, held.byteOffset, held.byteLength)

  function picture([height, width, channels]) {
    const canvas = h("canvas", {
      class: "picture",
      width,
      height,
      role: "img",
      "aria-label": "The image under study",
    })
    const bytes = bytesOf(model.image, Uint8Array),
      over = bytesOf(model.overlay, Int8Array)
    const dark = bytes.reduce((sum, value) => sum + value, 0) < 128 * bytes.length
    const paint = () => {
      const data = new ImageData(width, height)
      for (let pixel = 0; pixel < height * width; pixel++) {
        const value = over.length ? over[pixel] : 0
        for (let c = 0; c < 3; c++) {
          const own = bytes[pixel * channels + (channels === 3 ? c : 0)]
          data.data[4 * pixel + c] = over.length ? laid(own, value, c, dark) : own
        }
        data.data[4 * pixel + 3] = 255
      }
      canvas.getContext("2d").putImageData(data, 0, 0)
    }
    paint()
    return {canvas, paint, dark}
  }

  /** One channel of a pixel under a map: the image steps back as what lies over it comes forward. */
  function laid(own, value, channel, dark) {
    const ground = dark ? 0 : 255,
      back = own + (ground - own) * 0.5 * opacity
    const hue = (dark ? BRIGHT : DEEP)[value < 0 ? 0 : 1][channel],
      share = opacity * (Math.abs(value) / 127) ** 0.6
    return back + (hue - back) * share
  }

  /** What the colors over the image speak for, the most positive first. */
  function sidesLine(dark) {
    const [against, favor] = (dark ? BRIGHT : DEEP).map((rgb) => `background:rgb(${rgb})`),
      [first, second] = model.card.sides
    return h(
      "p",
      {class: "quiet sides", title: `What speaks for ${first}, and what for ${second}`},
      [
        [favor, first],
        [against, second],
      ].map(([style, name]) => h("span", {}, h("i", {class: "swatch", style}), `for ${name}`)),
    )
  }

  function overlayBar(paint) {
    const slider = h("input", {
      type: "range",
      min: 0,
      max: 100,
      value: 100 * opacity,
      "aria-label": "Opacity of the explanation",
      input: (event) => {
        opacity = event.target.value / 100
        paint()
      },
    })
    return h(
      "div",
      {class: "overlay"},
      h("span", {class: "quiet", title: model.card.overlay}, model.card.overlay),
      slider,
      iconButton("Take it off the image", "M4 4 L12 12 M12 4 L4 12", {
        class: "plain",
        click: () => say(model, "overlay"),
      }),
    )
  }

  function bars({bars: rows, others, rest, calibration}) {
    const largest = Math.max(...rows.map((row) => Math.abs(row.logit)), 1e-9)
    const folded = others ? `${others} other${others > 1 ? "s" : ""} ${share(rest)}` : ""
    const off =
      calibration == null ? "" : `probabilities are off by ${(100 * calibration).toFixed(1)} % on average`
    return h(
      "div",
      {class: "bars"},
      rows.map((row) => bar(row, largest)),
      h(
        "p",
        {class: "quiet legend", title: "Expected calibration error on the test images"},
        h("span", {}, folded),
        off ? h("span", {class: "off"}, `${folded ? " · " : ""}${off}`) : null,
        [
          ["true", model.card.against],
          ["predicted", "predicted"],
        ].map(([name, words]) => h("span", {class: "key"}, h("span", {class: `mark ${name}`}), words)),
      ),
    )
  }

  function bar(row, largest) {
    const span =
      unit === "probability"
        ? `left:0; width:${100 * row.probability}%`
        : row.logit < 0
          ? `right:50%; width:${(-50 * row.logit) / largest}%`
          : `left:50%; width:${(50 * row.logit) / largest}%`
    const value = unit === "probability" ? share(row.probability) : row.logit.toFixed(1).replace("-", "−")
    const mark = `${row.true ? " true" : ""}${row.predicted ? " predicted" : ""}`
    return h(
      "div",
      {class: `row${mark && " marked"}`},
      h("span", {class: "name", title: row.name}, row.short),
      h("span", {class: `mark${mark}`}),
      h("span", {class: "track"}, h("span", {class: "fill", style: `${span}; background:${row.color}`})),
      h("span", {class: "value"}, value),
    )
  }

  /** From what guessing would reach, at the left end, to all of the neighbors. */
  function meter({value: agreement, low, high, floor}, color) {
    const room = Math.max(1 - floor, 1e-9),
      at = (value) => 100 * Math.max(0, Math.min(1, (value - floor) / room))
    const percent = (value) => `${Math.round(100 * value)} %`
    return h(
      "div",
      {
        class: "meter",
        role: "img",
        "aria-label": `Agreement ${percent(agreement)}, guessing ${percent(floor)}`,
        title: `Student and teacher agree on ${percent(agreement)} of the held-out neighbors (95 % interval ${percent(low)} to ${percent(high)}); the meter begins at what guessing the commonest class would reach`,
      },
      h("span", {class: "quiet"}, `guessing ${percent(floor)}`),
      h(
        "span",
        {class: "rail"},
        h("i", {
          class: "interval",
          style: `left:${at(low)}%; width:${at(high) - at(low)}%; background:${color}`,
        }),
        h("i", {class: "mark", style: `left:${at(agreement)}%; background:${color}`}),
      ),
      h("span", {class: "quiet"}, "100 %"),
    )
  }

  function agrees({value, low, high}) {
    const percent = (share) => Math.round(100 * share)
    const text = `student agrees on ${percent(value)} % [${percent(low)}–${percent(high)}] of held-out neighbors`
    return h("span", {title: `${text}. ${STUDENT}`}, text)
  }

  function verdict(judged) {
    const {verdict, color, map, reasons, agreement} = judged
    return h(
      "div",
      {class: "verdict"},
      h(
        "p",
        {class: "line"},
        h("b", {class: "stamp", style: `--verdict:${color}`}, verdict.toUpperCase()),
        map ? h("span", {title: map}, map) : null,
        agreement ? agrees(agreement) : null,
      ),
      agreement ? meter(agreement, color) : null,
      h(
        "ul",
        {class: "reasons quiet", title: reasons.join("\n")},
        reasons
          .slice(0, 3)
          .map((reason, index) =>
            h(
              "li",
              {},
              reason,
              index === 0 && reasons.length > 1
                ? h("b", {class: "more one"}, ` +${reasons.length - 1} more`)
                : null,
              index === 2 && reasons.length > 3
                ? h("b", {class: "more three"}, ` +${reasons.length - 3} more`)
                : null,
            ),
          ),
      ),
    )
  }

  /** Why it is wrong: the first cause as a sentence, the second below it. */
  function whyLines(causes, doubt) {
    return h(
      "div",
      {class: causes.length ? "why" : "doubt"},
      doubt ? doubts[doubt]() : null,
      causes.map(({title, text, hint}, index) =>
        h(
          "p",
          {class: index ? "quiet" : "", title: [text, hint].filter(Boolean).join("\n")},
          h("b", {}, index ? `Else ${title.toLowerCase()}.` : `${title}.`),
          ` ${text.replaceAll(" %", "\u00a0%")}`,
        ),
      ),
    )
  }

  const doubts = {
    offered: () =>
      h(
        "button",
        {
          type: "button",
          class: "plain-text",
          title:
            "Overlapping classes, a picture unlike the others, one place that decides: the causes of errors, asked of an image that is right",
          click: () => say(model, "doubt"),
        },
        "What speaks against it?",
      ),
    busy: () => h("p", {class: "quiet", role: "status"}, "Asking what speaks against it …"),
  }

  /** Whoever reads the answer reads that it is not the one to the person's own picture. */
  function ofFile(name) {
    return h(
      "p",
      {
        class: "of-file",
        title:
          "The image is stored smaller than its file, and all that is shown is about the stored one. The model gives the file itself another class: store images larger (--size) to explain that answer",
      },
      `≠ of the file itself: ${name}`,
    )
  }

  function toggle() {
    popover = popover
      ? null
      : markPopover(model, model.card.sample, () => {
          if (popover) toggle()
        })
    draw()
    root.querySelector(popover ? "textarea" : ".flag")?.focus()
  }

  function flagButton({lacks, marked, said}) {
    if (lacks)
      return iconButton("Mark as mislabelled (M)", FLAG, {class: "plain flag", disabled: true, title: lacks})
    const label = marked ? `Marked as mislabelled, ${said} (M)` : "Mark as mislabelled (M)"
    return iconButton(label, FLAG, {
      class: "plain flag",
      "aria-pressed": String(marked),
      "aria-expanded": String(popover !== null),
      click: toggle,
    })
  }

  function draw() {
    const card = model.card,
      focused = root.getRootNode().activeElement
    if (card.sample !== sample) {
      sample = card.sample
      popover = null
    }
    if (card.sample == null) {
      root.replaceChildren(h("div", {class: "empty"}, h("p", {}, card.waiting ?? "")))
      return
    }
    const title = h("h2", {title: card.hint}, h("span", {class: "index"}, `#${card.sample}`), card.title)
    const units = card.bars.length
      ? segmented(
          "Unit of the bars",
          [
            ["probability", "probability", "The teacher's probabilities; they sum to one"],
            ["logit", "logit", "The teacher's logits, before the softmax"],
          ],
          unit,
          (value) => {
            unit = value
            draw()
          },
        )
      : null
    const pin = h(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-pressed": String(card.paired),
        click: () => say(model, "pin"),
        title: card.paired
          ? "Let the pinned image go (P)"
          : "Keep it here, and compare it with the next one (P)",
      },
      model.pinned ? "Unpin" : "Pin",
      h("kbd", {"aria-hidden": "true"}, "P"),
    )
    const {canvas, paint, dark} = picture(card.shape)
    root.replaceChildren(
      h(
        "div",
        {class: "card"},
        h(
          "div",
          {class: "head"},
          title,
          card.edited
            ? h(
                "span",
                {class: "partial", title: "It stands in the place of the image: Escape takes it back"},
                card.edited,
              )
            : null,
          card.partial ? partial(card.partial) : null,
          units,
          flagButton(model.mark),
          model.pinned || !card.paired ? pin : null,
          help,
        ),
        popover,
        card.why.length || card.doubt ? whyLines(card.why, card.doubt) : null,
        card.of_file ? ofFile(card.of_file) : null,
        card.findings.length
          ? h(
              "p",
              {class: "of-file finding", title: `Data: ${card.findings.join(". ")}`},
              card.findings.join(" · "),
            )
          : null,
        card.file || card.columns.length
          ? h(
              "p",
              {class: "quiet file", title: [card.file, ...card.columns].filter(Boolean).join("\n")},
              [card.file, ...card.columns].filter(Boolean).join(" · "),
            )
          : null,
        h(
          "div",
          {class: "body"},
          h(
            "div",
            {class: "look"},
            canvas,
            model.mark.said ? h("p", {class: "remark", title: model.mark.said}, model.mark.said) : null,
            card.overlay ? overlayBar(paint) : null,
            card.overlay && card.sides.length ? sidesLine(dark) : null,
          ),
          card.bars.length
            ? h("div", {class: "said"}, bars(card), card.judged ? verdict(card.judged) : null)
            : h("div", {class: "empty", style: "flex:1"}, h("p", {}, card.waiting)),
        ),
      ),
    )
    if (popover?.contains(focused)) focused.focus()
  }

  function save() {
    const {link, name} = model.download
    if (link) h("a", {href: link, download: name}).click()
  }

  let pending = 0
  model.on(["card", "mark", "image", "overlay"], () => {
    if (!pending)
      pending = requestAnimationFrame(() => {
        pending = 0
        draw()
      })
  })
  function key(event) {
    const act = {
      p: () => say(model, "pin"),
      m: () => {
        if (sample != null && !popover && !model.mark.lacks) toggle()
      },
    }[event.key.toLowerCase()]
    if (
      !act ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.composedPath()[0].matches?.("input, textarea, select")
    )
      return
    if (root.isConnected && root.offsetParent) {
      event.preventDefault()
      act()
    }
  }
  model.on("download", save)
  const portray = () =>
    document.dispatchEvent(new CustomEvent("dv-picture", {detail: {card: cardOf(root), kind: "png"}}))
  if (!model.pinned) {
    window.addEventListener("keydown", key)
    document.addEventListener("dv-picture-of-image", portray)
    model.on("remove", () => {
      window.removeEventListener("keydown", key)
      document.removeEventListener("dv-picture-of-image", portray)
    })
  }
  draw()
  return root
}

// against and for, on dark images and on light ones: the ends of the diverging scale of either theme
const BRIGHT = [
    [255, 159, 87],
    [124, 192, 255],
  ],
  DEEP = [
    [179, 71, 0],
    [8, 81, 156],
  ]

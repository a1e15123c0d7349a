import {h, say} from "../../../widgets/dom.js"
import {size} from "../../../widgets/format.js"
import {faultBox, workLine} from "../../../widgets/work.js"

export function render({model}) {
  const picker = h("input", {
    type: "file",
    accept: ".zip",
    hidden: true,
    change: () => {
      if (picker.files[0]) begin(picker.files[0])
      picker.value = ""
    },
  })
  const choose = h("button", {type: "button", class: "action", click: () => picker.click()}, "Choose a file")
  const source = h("input", {
    type: "text",
    placeholder: "or a file of the store, or https://…, s3://…",
    "aria-label": "Path or address of an archive",
    spellcheck: "false",
    input: enable,
  })
  const go = h("button", {class: "action"}, "Import")
  const form = h(
    "form",
    {
      submit: (event) => {
        event.preventDefault()
        if (source.value.trim()) say(model, "from", source.value)
      },
    },
    source,
    go,
  )
  const line = h(
    "div",
    {class: "line main"},
    h("h2", {class: "title"}, "Import an archive"),
    choose,
    picker,
    form,
  )
  const result = h("div", {class: "result"}),
    work = workLine(cancel)
  const root = h(
    "section",
    {class: "import", "aria-label": "Import an archive", dragover: over, dragleave: out, drop},
    line,
    work.element,
    result,
  )
  let file = null,
    request = null

  const busy = () => Boolean(model.work.text || file)

  function enable() {
    const stopped = Boolean(model.bar.refused) || busy()
    choose.disabled = source.disabled = stopped
    go.disabled = stopped || !source.value.trim()
  }

  function begin(chosen) {
    if (model.bar.refused || busy()) return
    file = chosen
    say(model, "offer", chosen.name)
    enable()
  }

  function post() {
    if (!file || !model.link) return
    const name = file.name,
      began = performance.now()
    request = new XMLHttpRequest()
    request.upload.onprogress = ({loaded, total}) => {
      const left = (((performance.now() - began) / loaded) * (total - loaded)) / 1000
      work.show({
        text: `Uploading ${name}`,
        detail: `${size(loaded)} of ${size(total)}`,
        share: loaded / total,
        end: left > 1 ? `${Math.round(left)} s left` : "",
      })
    }
    request.onloadend = () => {
      if (!request) return // cancelled
      const {status, statusText} = request
      file = request = null
      if (status === 200) {
        // the server may have told how far it is before its answer came
        work.show(
          model.work.text ? model.work : {text: `Importing ${name}`, detail: "", share: null, end: ""},
        )
      } else {
        work.show({})
        const found = status ? `${status} ${statusText}` : "the connection was cut"
        if (!model.bar.fault)
          failed(
            {
              must: "The file reaches the server whole.",
              found: `Found: ${found}.`,
              action: "Try again, or have it copied to the server.",
            },
            name,
          )
      }
      enable()
    }
    request.open("POST", model.link)
    request.send(file)
  }

  function cancel() {
    const running = request
    file = request = null // first: the end of what is cancelled is no failure
    running?.abort()
    say(model, "cancel")
    work.show(model.work)
    enable()
  }

  const files = (event) => [...event.dataTransfer.types].includes("Files")
  function over(event) {
    if (files(event) && !model.bar.refused) {
      event.preventDefault()
      root.classList.add("over")
    }
  }
  function out(event) {
    if (!root.contains(event.relatedTarget)) root.classList.remove("over")
  }
  function drop(event) {
    root.classList.remove("over")
    if (!files(event)) return
    event.preventDefault()
    if (event.dataTransfer.files[0]) begin(event.dataTransfer.files[0])
  }

  const dismiss = () =>
    h(
      "button",
      {
        type: "button",
        class: "plain-text",
        click: () => {
          source.value = ""
          result.replaceChildren()
          say(model, "dismiss")
        },
      },
      "Dismiss",
    )

  function failed(parts, name) {
    const box = faultBox(parts, `${name} was not imported; nothing in the store has changed.`)
    box.append(dismiss())
    result.replaceChildren(box)
  }

  function draw() {
    const {refused, done, fault} = model.bar
    work.show(model.work)
    enable()
    if (refused) result.replaceChildren(h("p", {class: "quiet"}, `Nothing can be imported here: ${refused}`))
    else if (fault) failed(fault, fault.name)
    else if (done) {
      source.value = ""
      enable()
      result.replaceChildren(
        h("p", {class: "done", role: "status"}, h("b", {}, done), " was imported. ", dismiss()),
      )
    } else result.replaceChildren()
  }

  model.on("link", post)
  model.on(["bar", "work"], draw)
  draw()
  return root
}

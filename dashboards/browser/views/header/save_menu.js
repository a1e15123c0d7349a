import {fill, h, iconButton, say} from "../../widgets/dom.js"
import {popoverOf} from "../../widgets/help.js"

/** The selection as a file, and its link. */
export function saveMenu(model) {
  const SAVE = "M8 2v8 M4.5 7 8 10.5 11.5 7 M2.5 13.5h11"
  const button = iconButton("Save the selection, or show this to somebody", SAVE, {class: "plain"})
  const title = h("h2", {class: "title"}),
    note = h("p", {class: "quiet", role: "status"}),
    link = h("input", {type: "text", readonly: true, "aria-label": "Link to what is seen"})
  const file = (kind, text, hint) =>
    h("button", {type: "button", class: "chip", title: hint, click: () => say(model, "save", kind)}, text)
  const files = h(
    "div",
    {class: "files"},
    file("csv", "Table (CSV)", "One line an image: what is known of it"),
    file("npz", "Arrays (NPZ)", "Images, labels and logits for NumPy"),
  )
  const reach = h("p", {class: "quiet", role: "status"})
  const copy = h(
    "button",
    {
      type: "button",
      class: "chip",
      click: async () => {
        link.select()
        try {
          await navigator.clipboard.writeText(link.value)
        } catch {
          document.execCommand("copy")
        }
        copy.textContent = "Copied"
        reach.textContent = LOOPBACK.test(location.hostname)
          ? `It works on this machine only: the page was opened as ${location.hostname}.`
          : ""
      },
    },
    "Copy",
  )
  const picture = h(
    "button",
    {
      type: "button",
      class: "chip",
      title:
        "The image under study as a PNG: what the teacher says, the verdict, and the explanation that lies over it",
      click: () => document.dispatchEvent(new CustomEvent("dv-picture-of-image")),
    },
    "Picture of this explanation",
  )
  const card = h(
    "div",
    {popover: "auto", class: "help save", role: "dialog", "aria-label": "Save the selection"},
    title,
    files,
    note,
    h("h2", {class: "title"}, "Show it to somebody"),
    h("div", {class: "files"}, picture),
    h("div", {class: "files"}, link, copy),
    reach,
  )

  const name = h("input", {
    type: "text",
    maxlength: 80,
    placeholder: "Name this selection",
    "aria-label": "Name of the selection",
    autocomplete: "off",
  })
  const keep = h("button", {type: "submit", class: "chip"}, "Keep"),
    kept = h("div", {class: "kept", role: "list", "aria-label": "Named selections"}),
    where = h("p", {class: "quiet"})
  const naming = h(
    "form",
    {
      class: "files",
      submit: (event) => {
        event.preventDefault()
        if (name.value.trim()) {
          say(model, "name", name.value)
          name.value = ""
        }
      },
    },
    name,
    keep,
  )
  const remove = (text) =>
    iconButton(`Forget ${text}`, "M4 4l8 8 M12 4l-8 8", {
      class: "plain",
      click: () => say(model, "unname", text),
    })
  card.prepend(h("h2", {class: "title"}, "Named selections"), kept, naming, where)
  let listed = ""

  function list({named = [], found = [], unkept}, {clear}) {
    name.disabled = keep.disabled = !clear
    name.placeholder = clear ? "Name this selection" : "Select something to name it"
    where.textContent = unkept ? `Kept in this session: ${unkept}` : ""
    const all = JSON.stringify([named, found])
    if (listed === all) return
    listed = all
    fill(
      kept,
      named.map((text) =>
        h(
          "div",
          {class: "one", role: "listitem"},
          h(
            "button",
            {
              type: "button",
              class: "plain-text",
              title: text,
              click: () => {
                card.hidePopover()
                say(model, "named", text)
              },
            },
            text,
          ),
          remove(text),
        ),
      ),
      found.map(([word, text]) =>
        h(
          "div",
          {class: "one", role: "listitem"},
          h(
            "button",
            {
              type: "button",
              class: "plain-text",
              title: "Found by the check of the data",
              click: () => {
                card.hidePopover()
                say(model, "found", word)
              },
            },
            text,
          ),
        ),
      ),
    )
  }

  function follow() {
    const {counted} = model.state,
      {unsaved = ""} = model.keeping
    list(model.keeping, model.state)
    title.textContent = `Save ${counted}`
    for (const each of files.children) each.disabled = Boolean(unsaved || model.saving?.endsWith("…"))
    note.textContent = model.saving || unsaved
    picture.disabled = model.state.sample == null
  }

  card.addEventListener("beforetoggle", () => {
    copy.textContent = "Copy"
    reach.textContent = ""
    link.value = location.origin + location.pathname + model.address
  })
  model.on(["saving", "keeping"], follow)
  model.on("download", () => {
    const {link, name} = model.download
    if (link) {
      h("a", {href: link, download: name}).click()
      card.hidePopover()
    }
  })
  return {box: popoverOf(button, card), follow}
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/ // names by which a machine knows itself alone

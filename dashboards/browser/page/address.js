// The address bar tells what is seen; a new run or page is a step that the browser's back button takes back.

const AFTER_PAINT = 100 // ms; browsers take 2 to 4 for an address, in the midst of a gesture otherwise
const STEPS = ["run", "page"]

/** A function that puts a query string into the address. */
export function addressKeeper(signal) {
  let kept = "" // an address that is to be put there
  let timer = 0
  signal.addEventListener("abort", () => clearTimeout(timer))

  return (query) => {
    clearTimeout(timer)
    const [old, now] = [new URLSearchParams(location.search), new URLSearchParams(query)]
    const address = location.pathname + query + location.hash
    if (STEPS.some((name) => old.has("run") && old.get(name) !== now.get(name))) {
      if (kept) history.replaceState({}, "", kept) // what Back returns to
      history.pushState({}, "", address)
    } else if (old.toString() !== now.toString()) {
      kept = address
      timer = setTimeout(() => {
        kept = ""
        history.replaceState({}, "", address)
      }, AFTER_PAINT)
      return
    }
    kept = ""
  }
}

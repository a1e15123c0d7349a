/** A probability to two digits, never one that it is not. */
const share = (value) => value < .005 ? "< .005" : value > .995 ? "> .995" : value.toFixed(2).replace(/^0/, "")

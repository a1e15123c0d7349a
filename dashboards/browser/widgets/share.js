/** A probability to two digits, never one that it is not. */
export const share = (value) =>
  value < 0.005 ? "< .005" : value > 0.995 ? "> .995" : value.toFixed(2).replace(/^0/, "")

const ROOM = 0.3 // of an axis beyond its ticks
export const TOP = 14,
  FOOT = 34 // CSS pixels above and below an axis

/** Where the values of axes stand in a plot so many CSS pixels high. */
export function axisScales(axes, height) {
  const ends = axes.map(({low, high, value}) => {
    const room = ROOM * (high - low || 1)
    return [Math.min(low - room, value), Math.max(high + room, value)]
  })
  const tall = height - TOP - FOOT
  const within = (index, value) => Math.max(ends[index][0], Math.min(ends[index][1], value))
  return {
    ends,
    tall,
    within,
    height,
    y: (index, value) =>
      TOP + tall * (1 - (within(index, value) - ends[index][0]) / (ends[index][1] - ends[index][0])),
    value: (index, y) => ends[index][0] + (1 - (y - TOP) / tall) * (ends[index][1] - ends[index][0]),
  }
}

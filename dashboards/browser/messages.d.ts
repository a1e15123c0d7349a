// Messages of elements, written by `python -m dashboards.kit.messages`; a test holds them current.

export type Bytes = ArrayBuffer | Uint8Array

export interface Windows {
  top: Array<number>
  left: Array<number>
  side: number
  shape: Array<number>
}

export interface Reading {
  name: string
  unit: string
  factor: number
  other: [number, string] | null
  always: boolean
}

export interface Course {
  values: Array<number | null>
  look: string
  intervals: Array<[number, number] | null>
  positions: Array<number>
}

export interface Level {
  value: number
  look: string
}

export interface MatrixRow {
  name: string
  short: string
  color: string
  images: number
}

export interface Area {
  name: string
  short: string
  color: string
  value: Array<number>
}

export interface Change {
  position: number
  text: string
}

export interface Head {
  name: string
  short: string
  color: string
  row: string
  column: string
}

export interface Frame {
  row: number
  column: number
  out: boolean
}

export interface Bulk {
  counts: Bytes
  whose: Array<string>
  partial: boolean
}

export interface Rule {
  value: number
  hint: string
  look: string
}

export interface Dot {
  x: number
  y: number
  value: unknown
  label: string
  look: string
  style: string
  stop: boolean
}

export interface Ring {
  dot: number
  name: string
  look: string
}

export interface FactGroup {
  names: Array<string>
  texts: Array<Array<string>>
  usual: number | null
  word: string
}

export interface Field {
  name: string
  label: string
  text: string
  options: Array<[string, string]>
  hint: string
  implied: Array<[string, string, string]>
  most: number
  lines: number
  placeholder: string
}

export interface Axis {
  number: number
  value: number
  deviation: number
  low: number
  high: number
  center: number
  spread: number
  band: number | null
  kl: number | null
  sensitivity: number | null
  share: number | null
}

export interface OtherLatents {
  latents: number
  band: number
}

export interface LatentRow {
  name: string
  sample: number | null
}

export interface Refusal {
  text: string
  begin: number
  end: number
  why: string
}

export interface TourStep {
  title: string
  text: string
  targets: Array<string>
}

export interface TileClass {
  name: string
  short: string
  color: string
  images: number
}

export interface Kind {
  name: string
  short: string
  color: string
}

export interface Passage {
  before: Array<number | null>
  after: Array<number | null>
  says: string
}

export interface Element {
  hint?: string
  label?: string
  look?: string
  style?: string
  data?: Record<string, string | number>
}

export interface Box extends Element {
  kind: "box"
  children: Array<Child>
  tag: "div" | "p" | "span" | "b" | "i" | "small" | "strong" | "code" | "header" | "h2" | "h3" | "h4" | "section" | "ol" | "ul" | "li" | "figure" | "figcaption" | "table" | "thead" | "tbody" | "tr" | "th" | "td" | "details" | "summary" | "aside" | "nav" | "h1" | "dl" | "dt" | "dd"
  role?: string
  roving?: boolean | "table" | "radio"
  about?: string
  focusable?: boolean
  follows?: string
  sorted?: "" | "ascending" | "descending"
}

export interface Button extends Element {
  kind: "button"
  children: Array<Child>
  act?: string
  value?: unknown
  keys?: boolean
  pressed?: boolean | null
  expanded?: boolean | null
  disabled?: boolean
  hover?: number | null
  current?: boolean
  says?: string
  shortcut?: string
  checked?: boolean | null
}

export interface Choice extends Element {
  kind: "choice"
  act: string
  options: Array<[string, string, string]>
  chosen: string
  segments?: boolean
  disabled: Array<string>
  local?: boolean
}

export interface Slider extends Element {
  kind: "slider"
  act: string
  name: string
  text: string
  value: number
  spoken: string
  most: number
  step: number
  disabled?: boolean
}

export interface Icon extends Element {
  kind: "icon"
  path: string
}

export interface Shelf extends Element {
  kind: "shelf"
  title: string
  children: Array<Child>
  notes: Array<string>
  none?: string
}

export interface Shelves extends Element {
  kind: "shelves"
  children: Array<Shelf>
}

export interface Notes extends Element {
  kind: "notes"
  children: Array<Child>
  whole?: string
}

export interface Close extends Omit<Button, "kind"> {
  kind: "close"
}

export interface Search extends Element {
  kind: "search"
  act: string
  names: Array<string>
  chosen: string
  placeholder: string
}

export interface HelpButton extends Element {
  kind: "helpbutton"
  subject: string
  what: string
  use: string
  beware: string
  source: string
  about?: string
}

export interface Alternatives extends Element {
  kind: "alternatives"
  of: string
  children: Array<Child>
  first: number
}

export interface Thumbnail extends Element {
  kind: "thumbnail"
  pixels: Bytes
  shape: Array<number>
  color: string
  corner?: string
  side: number
  words?: string
}

export interface Badge extends Element {
  kind: "badge"
  verdict: number
  color: string
}

export interface Picture extends Element {
  kind: "picture"
  pixels: Bytes
  shape: Array<number>
  marked?: boolean
}

export interface Heat extends Element {
  kind: "heat"
  values: Bytes
  grid: Array<number>
  end: number
  texts: Array<string>
  hints: Array<string>
  sizes: Array<Array<number>>
  windows?: Windows | null
  reading?: Reading | null
  says?: string
  levels?: boolean
  signs: boolean
}

export interface Read extends Element {
  kind: "read"
  template: string
  children: Array<Child>
}

export interface Scale extends Element {
  kind: "scale"
  low: string
  high: string
  signs: boolean
}

export interface Cut extends Element {
  kind: "cut"
  pixels: Bytes
  shape: Array<number>
  box: [number, number, number, number]
}

export interface Overlay extends Element {
  kind: "overlay"
  pixels: Bytes
  shape: Array<number>
  values: Bytes
  text?: string
  sides: Array<string>
  children: Array<Child>
  main?: boolean
}

export interface Lens extends Element {
  kind: "lens"
  children: Array<Child>
}

export interface Rail extends Element {
  kind: "rail"
  value: number
  interval?: [number, number] | null
  mark?: number | null
  fill?: string
  start: number
}

export interface Curve extends Element {
  kind: "curve"
  values: Array<number | null>
  at?: number | null
  beside: Array<number | null>
}

export interface Chart extends Element {
  kind: "chart"
  lines: Array<Course>
  places: number
  span: [number, number]
  at?: number | null
  hints: Array<string>
  act?: string
  first: number
  ends: [string, string]
  ticks: Array<[number, string]>
  marks: Array<[number, string]>
  levels: Array<Level>
  ratios?: boolean
  says: Array<string>
  positions: Array<number>
  brush?: string
  band?: [number, number] | null
}

export interface Matrix extends Element {
  kind: "matrix"
  act: string
  name: string
  word: string
  numbers: Array<number>
  spoken: Array<string>
  rows: Array<MatrixRow>
  mean: Bytes
  error: Bytes
  bars: boolean
  end: number
  reach: number
  at: number
  widest: number
  left: number
}

export interface Histogram extends Element {
  kind: "histogram"
  act: string
  name: string
  edges: Array<number>
  every: Array<number>
  chosen: Array<number>
  band?: [number, number] | null
  children: Array<Child>
  dated?: boolean
}

export interface Way extends Element {
  kind: "way"
  act: string
  sample: number
  title: string
  note: string
  below: string
  pixels: Bytes
  shape: Array<number>
  positions: Array<number>
  answers: Array<string>
  points: Array<number>
  areas: Array<Area>
  changes: Array<Change>
  children: Array<Child>
}

export interface Counts extends Element {
  kind: "counts"
  act: string
  sides: [string, string]
  heads: Array<Head>
  levels: Bytes
  texts: Array<string>
  hints: Array<string>
  frames: Array<Frame>
  note?: string
  bulk?: Bulk | null
}

export interface Bars extends Element {
  kind: "bars"
  act: string
  name: string
  edges: Array<number>
  kinds: [string, string]
  counts: [Array<number>, Array<number>]
  hints: Array<string>
  axis: string
  lit?: [Array<number>, Array<number>] | null
  rules: Array<Rule>
}

export interface Scatter extends Element {
  kind: "scatter"
  act: string
  dots: Array<Dot>
  line: Array<[number, number]>
  rings: Array<Ring>
  across: Array<[number, string]>
  up: Array<[number, string]>
}

export interface Facts extends Element {
  kind: "facts"
  titles: Array<string>
  groups: Array<FactGroup>
  dot: number
}

export interface Fold extends Element {
  kind: "fold"
  name: string
  summary: Array<Child>
  children: Array<Child>
}

export interface Popover extends Element {
  kind: "popover"
  face: Array<Child>
  about: string
  children: Array<Child>
  closing: Array<string>
  warns?: string
  shortcut?: string
  pressed?: boolean | null
  disabled?: boolean
}

export interface Sheet extends Element {
  kind: "sheet"
  act: string
  children: Array<Child>
}

export interface Form extends Element {
  kind: "form"
  fields: Array<Field>
  about: string
  children: Array<Child>
}

export interface Submit extends Omit<Button, "kind"> {
  kind: "submit"
  main?: boolean
}

export interface Progress extends Element {
  kind: "progress"
  name: string
  act: string
}

export interface Entry extends Element {
  kind: "entry"
  act: string
  placeholder: string
  live?: boolean
  button?: string
  about?: string
  most: number
  disabled?: boolean
}

export interface Check extends Element {
  kind: "check"
  children: Array<Child>
  act: string
  name: string
  checked: boolean
}

export interface Line extends Element {
  kind: "line"
  children: Array<Child>
  act: string
  value: string
  selected?: boolean
}

export interface Confirm extends Element {
  kind: "confirm"
  children: Array<Child>
  button: string
  keep: string
  about?: string
  disabled?: boolean
}

export interface Copy extends Element {
  kind: "copy"
  children: Array<Child>
  content: string
}

export interface Link extends Element {
  kind: "link"
  children: Array<Child>
  href: string
  download?: string
  at_once?: boolean
}

export interface Moment extends Element {
  kind: "moment"
  time: string
}

export interface Upload extends Element {
  kind: "upload"
  children: Array<Child>
  act: string
  link?: string
  accept?: string
  event?: string
  disabled?: boolean
}

export interface FileButton extends Element {
  kind: "filebutton"
  children: Array<Child>
}

export interface Dialog extends Element {
  kind: "dialog"
  children: Array<Child>
  keys: Array<[string, string, unknown]>
}

export interface Latents extends Element {
  kind: "latents"
  sample: number
  latents: number
  axes: Array<Axis>
  folded: OtherLatents | null
  heat: boolean
  vectors: Bytes
  places: Bytes
  rows: Array<LatentRow>
  colors: Array<string>
  reach: number
  fixed: boolean
  warning: string
  children: Array<Child>
}

export interface KeyButton extends Omit<Button, "kind"> {
  kind: "keybutton"
  shortcut?: string
}

export interface Menu extends Element {
  kind: "menu"
  children: Array<Child>
  face: Array<Child>
  act?: string
  name?: string
  opened?: string
  about?: string
  enters?: boolean
  disabled?: boolean
  shortcut?: string
}

export interface Nav extends Element {
  kind: "nav"
  act: string
  options: Array<[string, string]>
  chosen: string
}

export interface Tabs extends Element {
  kind: "tabs"
  act: string
  options: Array<[string, string]>
  chosen: string
  shortcuts: Array<string>
}

export interface Query extends Element {
  kind: "query"
  act: string
  words: string
  placeholder: string
  current?: string
  refusal?: Refusal | null
  shortcut?: string
}

export interface Share extends Element {
  kind: "share"
  query: string
}

export interface Tour extends Element {
  kind: "tour"
  steps: Array<TourStep>
  event: string
}

export interface Signal extends Element {
  kind: "signal"
  children: Array<Child>
  event: string
  disabled?: boolean
}

export interface Window extends Element {
  kind: "window"
  act: string
  query: string
  dark: boolean
  run: string
  shortcuts: Record<string, string>
}

export interface NeighborTiles extends Element {
  kind: "neighbortiles"
  sample: number
  title: string
  pixels: Bytes
  shape: Array<number>
  classes: Array<TileClass>
  held_out: number
  number: Bytes
  group: Bytes
  confidence: Bytes
  distance: Bytes
  children: Array<Child>
}

export interface River extends Element {
  kind: "river"
  act: string
  kinds: Array<Kind>
  boxes: Array<Array<Array<number>>>
  ribbons: Array<Array<Array<number>>>
  says: Array<string>
  total: number
  partial: boolean
  pressed: Array<Array<[number, number]>>
  at: number
  way?: Passage | null
  children: Array<Child>
}

export interface Drawing extends Element {
  kind: "drawing"
  act: string
  about: string
  pixels: Bytes
  shape: Array<number>
  answer: number
  context?: string
  disabled?: boolean
  children: Array<Child>
}

export type Child = Box | Button | Choice | Slider | Icon | Shelf | Shelves | Notes | Close | Search | HelpButton | Alternatives | Thumbnail | Badge | Picture | Heat | Read | Scale | Cut | Overlay | Lens | Rail | Curve | Chart | Matrix | Histogram | Way | Counts | Bars | Scatter | Facts | Fold | Popover | Sheet | Form | Submit | Progress | Entry | Check | Line | Confirm | Copy | Link | Moment | Upload | FileButton | Dialog | Latents | KeyButton | Menu | Nav | Tabs | Query | Share | Tour | Signal | Window | NeighborTiles | River | Drawing | string | null

"""Colors and sizes: one typeface, three sizes, one accent, class colors fixed by class index.

Everything drawn in HTML reads the custom properties of `CSS` (`var(--dv-ink)`, ...): they pass through
shadow roots, and change at once when the root element's `data-dv-theme` does. What is drawn on a canvas
or by Bokeh takes its colors from `LIGHT` and `DARK`.
"""

from typing import NamedTuple

FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
SMALL, BODY, LARGE = 12, 14, 18  # px: the three sizes


class Palette(NamedTuple):
    """The colors of one theme; each is a custom property `--dv-<name>`."""

    page: str  # behind the cards
    surface: str  # cards, and the zero of a diverging scale
    sunken: str  # tracks, hovered rows
    line: str
    ink: str
    quiet: str  # secondary text
    accent: str
    warn: str
    warn_ink: str
    fail: str
    fail_ink: str
    positive: str  # the ends of the diverging scale, blue and orange: safe for every color vision
    negative: str
    cause: str  # of errors: a step of it each, from dark to light


LIGHT = Palette(
    page="#F3F4F7",
    surface="#FFFFFF",
    sunken="#EBEDF1",
    line="#DFE2E8",
    ink="#171A21",
    quiet="#596273",
    accent="#3D5AFE",
    warn="#FFF3D6",
    warn_ink="#6B4700",
    fail="#FDE9E7",
    fail_ink="#9B1C1C",
    positive="#08519C",
    negative="#B34700",
    cause="#62598F",
)
DARK = Palette(
    page="#0E1014",
    surface="#171A20",
    sunken="#22262E",
    line="#2C313B",
    ink="#ECEEF3",
    quiet="#9DA6B5",
    accent="#8FA2FF",
    warn="#3A2D0C",
    warn_ink="#FFD98A",
    fail="#3F1A1A",
    fail_ink="#FFB4AC",
    positive="#7CC0FF",
    negative="#FF9F57",
    cause="#B3ABDD",
)


def palette(dark: bool) -> Palette:
    """The colors of the dark or the light theme."""
    return DARK if dark else LIGHT


def mixed(first: str, second: str, share: float) -> str:
    """The color a share of the way from one to another, in sRGB."""
    ends = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in (first, second)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in zip(*ends, strict=True))


def contrast(first: str, second: str) -> float:
    """(L1 + .05) / (L2 + .05) of two colors' relative luminances: 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# Optimized, and measured by `tests/unit/dashboards/test_theme.py`. Any two of the first ten are at least 8
# apart (Oklab x 100) to deuteranopes and protanopes, 6 to tritanopes; any two of all twenty 4.4 to each of
# them. Every one stands out 3:1 from the cards of both themes, which leaves a narrow band of lightness.
CLASS_COLORS = (
    "#1D71B4", "#D57F1C", "#287535", "#F45992", "#8090D7",
    "#C82F03", "#8B5DE7", "#868461", "#AC3C78", "#009F9D",
    "#8478E2", "#BB39BD", "#BD80B6", "#944A9A", "#EE2E88",
    "#819C5C", "#398D80", "#5A813E", "#940EFD", "#E81E3E",
)  # fmt: skip


# By `deepvid.trust.Verdict`. Measured by the same test: any two are 13 apart, and all but the first, which is
# what lies behind, stand out 3:1 from the cards.
VERDICT_COLORS = ("#9CA6B5", "#A74872", "#C98100", "#136BD2")

LEVEL_COLORS = (
    "#433C84", "#3A538B", "#30678D", "#287A8E", "#218D8C",
    "#1EA087", "#2EB27C", "#4FC369", "#7CD24F", "#AFDC2E",
)  # fmt: skip
"""Ten steps of a number: viridis, lighter step by step for any color vision (Smith & van der Walt 2015)."""


def class_color(index: int) -> str:
    """The color of a class, the same in every view and epoch; repeats after twenty."""
    return CLASS_COLORS[index % len(CLASS_COLORS)]


def _properties(colors: Palette) -> str:
    return " ".join(f"--dv-{name.replace('_', '-')}: {value};" for name, value in colors._asdict().items())


# Of the header and of the cards of a page, which stand there before anything is drawn: left, top, size.
_OUTLINES = ", ".join(
    f"linear-gradient(var(--dv-surface) 0 0) {at} / {size} no-repeat"
    for at, size in (
        ("0 0", "100% 48px"),
        ("8px 56px", "calc(50% - 12px) calc(57% - 40px)"),
        ("8px calc(100% - 8px)", "calc(50% - 12px) calc(43% - 32px)"),
        ("calc(100% - 8px) 56px", "calc(50% - 12px) calc(33% - 40px)"),
        ("calc(100% - 8px) calc(100% - 8px)", "calc(50% - 12px) calc(67% - 32px)"),
    )
)

# Before scripts run, the window's own background is a property that nobody has set yet: it would be white.
CSS = f"""
:root {{ {_properties(LIGHT)} color-scheme: light;
  --dv-font: {FONT}; --dv-small: {SMALL}px; --dv-body: {BODY}px; --dv-large: {LARGE}px; }}
:root[data-dv-theme=dark] {{ {_properties(DARK)} color-scheme: dark; }}
@media (min-width: 1700px) {{ :root {{ --dv-small: 13px; --dv-body: 15px; --dv-large: 20px; }} }}
html {{ background: var(--dv-page) !important; }}
html, body {{ overflow: hidden; }}
body {{ background: none !important; }}
#loader {{ visibility: hidden !important; }}
body::before {{
  content: "DeepVID"; position: fixed; inset: 0; z-index: -1; padding: 10px 16px; color: var(--dv-quiet);
  font: 700 var(--dv-large)/28px var(--dv-font); letter-spacing: -.01em;
  background: {_OUTLINES};
}}
"""


def css(*, dark: bool) -> str:
    """Of a page that opens: it is painted in this theme first, before its header has said which there is."""
    return f"{CSS}:root:not([data-dv-theme]) {{ {_properties(DARK)} color-scheme: dark; }}" if dark else CSS


NARROW = "@media (max-width: 899px)"
"""Narrow windows, and those zoomed far into: cards stand in one column, and the page scrolls."""
LOW = "@media (min-width: 900px) and (max-height: 799px)"
"""Wide windows that are low: cards have the height of 800 pixels, and the page scrolls."""

CARD = {
    "background": "var(--dv-surface)",
    "border": "1px solid var(--dv-line)",
    "border-radius": "8px",
    "overflow": "hidden",
}
"""Inline styles of a view's box."""

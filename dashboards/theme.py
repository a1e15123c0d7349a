"""Colors and sizes: one typeface, three sizes, one accent, class colors fixed by class index."""

ACCENT = "#3D5AFE"
FONT = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

# Colour-blind safe, distinct in light and dark: Okabe & Ito (2008) without black, then Tol's "muted".
CLASS_COLORS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9",
    "#D55E00", "#AA4499", "#999933", "#882255", "#44AA99",
    "#332288", "#DDCC77", "#117733", "#88CCEE", "#CC6677",
    "#999999", "#6699CC", "#661100", "#DDDDDD", "#4477AA",
)  # fmt: skip


def class_color(index: int) -> str:
    """The color of a class, the same in every view and epoch; repeats after twenty."""
    return CLASS_COLORS[index % len(CLASS_COLORS)]

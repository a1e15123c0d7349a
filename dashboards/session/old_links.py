"""Tabs and readings of links that earlier versions wrote, and where their views are now."""

PLACES: dict[str, dict[str, tuple[str, str]]] = {
    "diagnose": {
        "explain": ("why", "student"),
        "neighbors": ("similar", "neighbors"),
        "latent": ("change", "latents"),
        "morph": ("change", "morph"),
        "filters": ("try", "filters"),
    },
    "network": {
        "strip": ("change", "strip"),
        "flip": ("change", "flip"),
        "superpixels": ("why", "squares"),
        "training": ("similar", "influence"),
        "whatif": ("try", "draw"),
    },
}
"""(tab, part) on Diagnose, by the page and the tab that a link names."""
READINGS = {"pairs": "matrix", "chord": "more", "columns": "more"}
"""Readings on Diagnose that are parts of others now."""


def renewed(query: dict[str, str]) -> dict[str, str]:
    """The same query, where its tab has moved with the new place: on the first page, which is not named."""
    reading = query.get("reading", "")
    if reading in READINGS:
        query = query | {"reading": READINGS[reading], "shape": reading}
    place = PLACES.get(query.get("page", "diagnose"), {}).get(query.get("tab", ""))
    if place is None:
        return query
    tab, part = place
    return {name: query[name] for name in query if name != "page"} | {"tab": tab, "part": part}

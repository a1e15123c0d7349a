"""How the chosen run was made."""

from dashboards.views.archive.provenance.table import (
    Section,
    as_json,
    command,
    provenance_sections,
    provenance_title,
)
from dashboards.views.archive.tab import Card, Tab, run_of
from deepvid.store import RunListing


class ProvenanceCard(Card):
    """How a run was made."""

    command: str  # that made it; empty where it is not known
    sections: list[Section]
    json: str  # all of it, to be copied


class ProvenanceTab(Tab):
    """Everything can be copied: one value, the command, or all of it as JSON."""

    def card(self, listing: RunListing) -> ProvenanceCard:
        run = run_of(listing)
        return {
            "title": provenance_title(run),
            "command": command(run),
            "sections": provenance_sections(run),
            "json": as_json(run),
        }

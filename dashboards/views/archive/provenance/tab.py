"""How the chosen run was made."""

from typing import Any

from dashboards.views.archive.provenance.table import as_json, command, provenance_sections, provenance_title
from dashboards.views.archive.tab import Tab, run_of
from deepvid.store import RunListing


class ProvenanceTab(Tab):
    """Everything can be copied: one value, the command, or all of it as JSON."""

    def card(self, listing: RunListing) -> dict[str, Any]:
        run = run_of(listing)
        return {
            "title": provenance_title(run),
            "command": command(run),
            "sections": provenance_sections(run),
            "json": as_json(run),
        }

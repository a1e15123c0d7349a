"""Why images are wrong, and how far that can be believed, as one file that a browser opens by itself."""

from deepvid.report.case import Answer, Case, Map, Neighbor
from deepvid.report.page import page
from deepvid.report.provenance import provenance
from deepvid.report.stored import MOST, StoredCases, write_report

__all__ = ["MOST", "Answer", "Case", "Map", "Neighbor", "StoredCases", "page", "provenance", "write_report"]

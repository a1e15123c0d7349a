"""Every form of time travel behind one contract."""

from deepvid.config import names
from deepvid.timetravel.contract import Projector
from deepvid.timetravel.layout import Layout
from deepvid.timetravel.parametric import Parametric
from deepvid.timetravel.reference.published import Published
from deepvid.timetravel.reference.timevis import TimeVis

FORMS: dict[names.TimeTravelForm, Projector] = {
    "parametric": Parametric(),
    "layout": Layout(),
    "published": Published(),
    "timevis": TimeVis(),
}
"""Name -> form with its default settings. Adding one is adding a line."""

"""Suppositions of a person about errors, as queries: tried on the halves of images that modes have."""

from typing import NamedTuple

from dashboards.data.population import Population
from dashboards.data.query import evaluated, names_of
from dashboards.data.values import MARKS
from deepvid.caching import once_per_owner
from deepvid.causes import CAUSES
from deepvid.hypotheses import Trial, trial
from deepvid.wording import percent, percent_interval

CENTRAL = 8
# Words that only errors have, that tell them, or that hardly any other image has
_ERRORS = {
    "wrong",
    "loss",
    "mode",
    "cause",
    *CAUSES,
    "learned",
    "verdict",
    "student_verdict",
    "fidelity",
    *MARKS,
}
_BOTH = {"true", "predicted"}  # together they say which images are wrong


class Hypothesis(NamedTuple):
    """A query and how often images are wrong that it means."""

    query: str
    images: int
    errors: int
    tried: Trial
    central: list[int]  # errors in their middle, as mistakes; the nearest first
    places: list[float]  # what their answers lose with each place on average, in logits; empty: nobody asked


@once_per_owner
def hypothesis(table: Population, query: str) -> Hypothesis:
    """Tries a query on a table that has modes. Raises QueryError where it means nothing for it."""
    assert table.modes is not None
    assert table.wrong is not None
    holds, rows = evaluated(query, table), table.modes.tried_rows
    found = trial(holds[rows], table.wrong[rows], table.modes.first_half)
    errors = holds & table.wrong
    middle = table.modes.central(errors, CENTRAL)
    lost = [] if table.causes is None else table.causes.mean_lost(errors)
    return Hypothesis(query, int(holds.sum()), int(errors.sum()), found, middle, lost)


def words_of_errors(query: str) -> list[str]:
    """Words of a query that say themselves which images are wrong: its error rate means nothing then."""
    names = names_of(query)
    return sorted((names & _ERRORS) | (_BOTH if names >= _BOTH else set()))


def verdict(tried: Trial) -> str:
    """Whether it is confirmed, on which half it was thought of, and what chance gives, in words."""
    if tried.other.value != tried.other.value:
        return "It holds of no image of the other half"
    word = "Confirmed" if tried.is_confirmed else "Not confirmed"
    first = percent_interval(tried.first) if tried.first.value == tried.first.value else "none"
    return (
        f"{word}: of its images {first} are wrong in the half that kinds are found on, "
        f"{percent_interval(tried.other)} in the other; of all there {percent(tried.usual)}, with errors "
        f"shuffled {percent_interval(tried.shuffled)}"
    )

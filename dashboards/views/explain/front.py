"""What tuning found of one image: its points, and those that nothing beats."""

import numpy as np

from dashboards.views.explain.shapes import Front, Point
from deepvid import config
from deepvid.config.reading import text_of
from deepvid.tuning import DIGITS, KL_DIGITS, Grid, Ranking, Row, Tuned, pareto, place_of, ranking
from deepvid.wording import percent_interval


def front(found: Tuned, shown: config.Students | None) -> Front:
    """What is drawn of it; `shown` are the settings of the student on the page, where there is one."""
    ranked = ranking([found])
    rows = {row.point: row for row in ranked.rows}
    points = [_point(rows[place]) for place in range(len(found.settings))]
    return {
        "points": points,
        "line": _line(found, ranked),
        "own": found.own,
        "shown": None if shown is None else place_of(found, shown),
        "sentence": f"The run’s settings rank {ranked.rank} of {len(points)} by held-out KL: "
        f"{ranked.own.kl.value:.3f} nats on {found.held_out} neighbors, the best "
        f"{ranked.rows[0].kl.value:.3f}.",
    }


def _line(found: Tuned, ranked: Ranking) -> list[int]:
    """The points that nothing beats in KL and faithfulness, by KL; of equal ones the stablest."""
    costs = [np.round(found.kl, KL_DIGITS), -np.round(found.faithfulness.mean(axis=1), DIGITS)]
    best = pareto(np.stack(costs, axis=1))
    return [row.point for row in ranked.rows if row.optimal and best[row.point]]


def _point(row: Row) -> Point:
    return {
        "kl": round(row.kl.value, 5),
        "faithfulness": round(row.faithfulness.value, 4),
        "stability": round(row.stability.value, 4),
        "agreement": percent_interval(row.agreement, to="–"),
        "optimal": row.optimal,
        "texts": {name: text_of(getattr(row.settings, name)) for name in Grid._fields},
    }

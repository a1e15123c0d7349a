"""Causes of errors as a table's rows have them: words, queries, orders, groups and what is studied first."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from diagnosed import causes_group
from micro import Recorder
from micro_runs import MicroRuns, copied
from tables import a_table

from dashboards.data.causes import Causes
from dashboards.data.orders import group_counts, groupings, ordered, orders, to_study
from dashboards.data.population import FactsKey, Population, population
from dashboards.data.query import QueryError, evaluated, words
from dashboards.data.trust import Trust
from dashboards.data.values import categories, why_unknown
from dashboards.views.grid.table import LETTERS, Wish, listing
from dashboards.views.map.coloring import coloring
from deepvid import config
from deepvid.causes import CAUSES
from deepvid.pipeline.causes import causes_stage
from deepvid.pipeline.modes import modes_stage
from deepvid.pipeline.runner import RunOptions, extend_run
from deepvid.reasons import Classes, StoredCauses
from deepvid.store import open_run
from deepvid.trust import MapVerdict

FOUND = [
    {"label_doubt": (0.4, 1.0, 0.2), "overlap": (0.9, 0.1, 0.8, 0.2)},
    {"label_doubt": (1.6, 9.2, 0.2), "overlap": (1.2, 0.1, 0.8, 0.2)},
    {"overlap": (1.4, 0.3, 0.6, 0.4)},
]


def with_causes(samples: list[int]) -> Population:
    """Rows 0 to 5; the first four are errors, and row 3 has no cause because nobody looked."""
    table = a_table([0] * 6, [1, 1, 1, 1, 0, 0])
    assert table.predictions is not None
    said = table.predictions._replace(confidence=np.float32([0.9, 0.8, 0.7, 1, 1, 1]))
    causes = Causes(StoredCauses(causes_group(samples, FOUND)), table.row_of_sample, table.rows)
    return replace(table, predictions=said, causes=causes, facts=FactsKey())


TABLE = with_causes([0, 1, 2])


def test_a_query_means_the_first_cause_or_how_far_one_goes() -> None:
    assert np.flatnonzero(evaluated('cause == "label doubt"', TABLE)).tolist() == [1]
    assert np.flatnonzero(evaluated('cause in ["classes overlap", "unknown"]', TABLE)).tolist() == [0, 2]
    assert np.flatnonzero(evaluated("overlap > 1", TABLE)).tolist() == [1, 2]
    assert not evaluated("picture_quality < 1", TABLE).any()  # it is known of none
    assert ['"label doubt"', "cause"] in words(TABLE)
    with pytest.raises(QueryError, match="cause, which deepvid causes RUN finds"):
        evaluated('cause == "unknown"', replace(TABLE, causes=None))
    assert why_unknown("overlap", TABLE) == "which deepvid causes RUN finds"


def test_causes_are_groups_colors_and_an_order() -> None:
    assert list(categories(TABLE)) == ["cause"]
    names = (*groupings(TABLE)["cause"].names, groupings(TABLE)["cause"].rest)
    counts = dict(zip(names, group_counts(TABLE, "cause", None).tolist(), strict=True))
    assert {name: count for name, count in counts.items() if count} == {
        "label doubt": 1, "classes overlap": 1, "unknown": 1, "right": 3
    }  # fmt: skip
    assert "label doubt" in [group.name for group in coloring(TABLE, "cause").groups]
    assert ordered(TABLE, "label_doubt", None).rows().tolist() == [1, 0, 2, 3, 4, 5]
    assert "label_doubt" not in orders(replace(TABLE, causes=None))


def test_images_are_listed_by_how_their_label_led_while_they_were_learned() -> None:
    assert "area_under_margin" not in orders(TABLE)
    group = causes_group([0, 1, 2], FOUND)
    group["tracked"], group["area"] = ("tracked", [4, 0, 5, 99]), ("tracked", np.float16([-2, -1, 3, -9]))
    group["rival"] = ("tracked", np.int32([1, 1, 1, 1]))
    causes = Causes(StoredCauses(group), TABLE.row_of_sample, TABLE.rows)
    table = replace(TABLE, causes=causes, facts=FactsKey())
    assert np.flatnonzero(evaluated("area_under_margin < 0", table)).tolist() == [0, 4]
    assert ordered(table, "area_under_margin", None).rows().tolist() == [4, 0, 5, 1, 2, 3]
    assert why_unknown("area_under_margin", TABLE) == "which deepvid causes RUN finds"


def test_tiles_have_the_letters_of_their_causes() -> None:
    shown = listing(TABLE, None, Wish("index"))
    marks = [*shown.described["causes"], {"letter": ""}]
    told = shown.window.facts["cause"]
    assert told is not None
    assert "".join(marks[one]["letter"] or "." for one in told) == ".LO..."
    assert list(LETTERS) == list(CAUSES)
    assert len(set(LETTERS.values())) == len(CAUSES)
    without = listing(replace(TABLE, causes=None), None, Wish("index"))
    assert without.window.facts["cause"] is None
    assert without.described["causes"] == []


def test_the_surest_error_whose_cause_is_known_is_studied_first() -> None:
    assert to_study(TABLE, None) == 1  # not 3 nor 0, whose causes are not known
    assert to_study(TABLE, np.array([True, False, True, False, False, False])) == 2
    assert to_study(TABLE, np.array([True, False, False, True, False, False])) == 3
    held = np.full(6, MapVerdict.DOES_NOT_HOLD, np.uint8)
    held[2] = MapVerdict.HOLDS
    none = np.zeros(0, np.float32)
    trust = Trust(np.zeros(0, np.int32), np.zeros(0, np.uint8), none, none, held, 6)
    assert to_study(replace(TABLE, trust=trust), None) == 2


def test_reasons_are_of_errors_alone_and_samples_that_are_not_there_are_nobodys() -> None:
    causes = TABLE.causes
    assert causes is not None
    classes = Classes("c0", "c1", TABLE.class_names)
    assert [reason.title for reason in causes.reasons(1, classes)] == ["label doubt", "classes overlap"]
    assert [reason.title for reason in causes.reasons(0, classes)] == ["cause unknown"]
    assert causes.reasons(4, classes) == []
    forged = with_causes([-3, 1, 10**6])
    assert forged.causes is not None
    assert forged.causes.column.values.tolist() == [-1, 0, -1, -1, -1, -1]


def test_kinds_of_mistakes_are_groups_and_words_of_queries(tmp_path: Path, micro_runs: MicroRuns) -> None:
    path = copied(micro_runs.residual(), tmp_path)
    recorder = Recorder()
    stages = [
        causes_stage(config.Causes(limit=0), seed=0, checked=True),
        modes_stage(config.Modes(count=2), seed=0),
    ]
    extend_run(path, stages, RunOptions(recorder, recorder.cancel))
    table = population(open_run(path))
    assert table is not None
    assert table.modes is not None
    first, *_ = table.modes.column.words
    assert first.startswith("1 · ")
    stored = open_run(path).stages["modes"].open()
    of = stored["sample"].to_numpy()[stored["mode"].to_numpy() == 0]
    assert sorted(table.samples[evaluated(f'mode == "{first}"', table)]) == sorted(of)
    assert list(categories(table)) == ["cause", "mode"]
    assert why_unknown("mode", table) == "which deepvid modes RUN finds"

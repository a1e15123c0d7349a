"""The bar of causes: counts of all errors and of the selection, queries, and words where little is known."""

from dataclasses import replace

import numpy as np
import pytest
from diagnosed import causes_group
from tables import a_table

from dashboards.data.causes import Causes
from dashboards.data.population import TRAINING, FactsKey, Population
from dashboards.data.query import evaluated
from dashboards.kit.elements import Button, walk, words
from dashboards.views.causes_bar.table import parts, sentence
from dashboards.views.causes_bar.view import bar
from deepvid.reasons import StoredCauses

# Rows 0 to 3 are errors: two of doubtful labels, one whose cause is not known, one that nobody looked at.
FOUND = [
    {"label_doubt": (1.6, 9.2, 0.2)},
    {"label_doubt": (1.2, 9.2, 0.2)},
    {"overlap": (0.4, 0.1, 0.8, 0.2)},
]


def with_causes() -> Population:
    table = a_table([0] * 6, [1, 1, 1, 1, 0, 0])
    causes = Causes(StoredCauses(causes_group([0, 1, 2], FOUND)), table.row_of_sample, table.rows)
    return replace(table, causes=causes, facts=FactsKey())


def test_parts_count_all_errors_and_those_selected_and_their_queries_mean_them() -> None:
    table = with_causes()
    told = parts(table, None)
    assert [(part.name, part.errors, part.selected) for part in told] == [
        ("label_doubt", 2, None),
        ("unknown", 1, None),
        ("", 1, None),
    ]
    rows = [np.flatnonzero(evaluated(part.query, table)).tolist() for part in told]
    assert rows == [[0, 1], [2], [3]]
    mask = np.array([True, False, True, False, True, True])
    assert [part.selected for part in parts(table, mask)] == [1, 1, 0]
    assert "nothing in the image speaks for its label. Named first, it is right on 77 %" in told[0].hint


def test_a_part_is_as_wide_as_its_errors_and_pressed_where_its_query_is_chosen() -> None:
    found = parts(with_causes(), np.array([True, *[False] * 5]))
    (drawn,) = bar(found, {found[0].query})
    buttons = [one for one in walk(drawn) if isinstance(one, Button)]
    assert [one.style for one in buttons[:3]] == ["flex-grow: 2", "flex-grow: 1", "flex-grow: 1"]
    assert [one.pressed for one in buttons] == [True, False, False] * 2
    assert words(buttons[3]) == "label doubt 1 / 2"


@pytest.mark.parametrize(
    ("label", "predicted", "said"),
    [
        ([0, 0, 0], [0, 0, 0], "None of 3 is wrong"),
        ([0, 0, 0], [1, 0, 0], "1 of 3 is wrong"),
        ([0, 0, 0], [1, 1, 1], "All 3 are wrong"),
        ([0, 0, 0], None, "3 images: which are wrong is known after the teacher's first epoch"),
    ],
)
def test_the_count_is_said_in_every_case(label: list[int], predicted: list[int] | None, said: str) -> None:
    table = a_table(label, predicted)
    assert sentence(table) == said
    assert parts(table, None) == []


def test_images_without_labels_and_training_images_are_said_to_be_these() -> None:
    table = a_table([0, 0], [1, 0])
    assert "nothing says which answers are wrong" in sentence(replace(table, labeled=False))
    assert sentence(replace(table, split=TRAINING)) == "1 of 2 training images is wrong"

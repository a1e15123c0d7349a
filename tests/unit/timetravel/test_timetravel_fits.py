"""Losses and parts of the forms against hand-computed numbers."""

import math

import jax
import numpy as np
import pytest
from clouds import clouds

from deepvid.errors import DataError
from deepvid.progress import Progress, Tick
from deepvid.timetravel.autoencoder import Decoder, Dense, fresh, scale
from deepvid.timetravel.contract import Fitted, Head
from deepvid.timetravel.descent import divergence, info_nce, umap_loss
from deepvid.timetravel.doubt import phantom
from deepvid.timetravel.graph import Edges, Graph
from deepvid.timetravel.ground import ground
from deepvid.timetravel.landscape import box, landscape
from deepvid.timetravel.layout import Layout, Placed, between
from deepvid.timetravel.measures.temporal import movement
from deepvid.timetravel.parametric import Parametric, background
from deepvid.timetravel.reference.published import Passes, attention, descend_in_passes
from deepvid.timetravel.reference.timevis import TimeVis, between_epochs, centers

KEY = jax.random.key(0)


def test_info_nce_of_two_edges() -> None:
    """Heads at 0 and 1 on a line, tails at 0 and 2: q to tails 1, 1/5 and 1/2, 1/2; between heads 1/2.

    -log 1 / (1 + 1/5 + 1/2) = log 1.7 and -log (1/2) / (1/2 + 1/2 + 1/2) = log 3.
    """
    heads, tails = np.array([[0.0, 0], [1, 0]]), np.array([[0.0, 0], [2, 0]])
    assert float(info_nce(heads, tails)) == pytest.approx((math.log(1.7) + math.log(3)) / 2, rel=1e-5)


def test_the_divergence_of_known_probabilities() -> None:
    """KL((3/4, 1/4) || (1/2, 1/2)) = 3/4 log 3/2 + 1/4 log 1/2."""
    found = divergence(np.log([[3.0, 1.0]]), np.zeros((1, 2)))
    assert float(found[0]) == pytest.approx(0.75 * math.log(1.5) - 0.25 * math.log(2), rel=1e-5)


def test_the_umap_loss_of_one_edge() -> None:
    """Heads and tails at distance 1: q = 1 / 2.577, of the edge -log q, of five shuffled ones -log(1 - q)."""
    q = 1 / 2.577
    found = umap_loss(np.zeros((1, 2)), np.array([[1.0, 0]]), KEY)
    assert float(found) == pytest.approx(-(math.log(q) + 5 * math.log(1 - q)) / 6, rel=1e-5)
    slope = jax.grad(lambda tails: umap_loss(np.zeros((1, 2)), tails, KEY))(np.zeros((1, 2)))
    assert np.isfinite(slope).all()


def test_attention_follows_the_weights_of_the_two_highest_logits() -> None:
    """Logits 2, 1, 0 of weights (1, 0), (0, 3), (9, 9): steepness 1 and 3, so odds of e at τ = 2."""
    head = Head(np.float32([[1, 0, 9], [0, 3, 9]]), np.float32([2, 1, 0]))
    found = np.asarray(attention(np.zeros((1, 2), np.float32), head, 2.0))[0]
    assert found.tolist() == pytest.approx([1 / (1 + math.e), math.e / (1 + math.e)], rel=1e-5)


@pytest.mark.parametrize(("passes", "made"), [(Passes(patience=3), 4), (Passes(most=2, patience=3), 2)])
def test_passes_end_when_the_loss_has_stopped_falling(passes: Passes, made: int) -> None:
    """The first pass falls from infinity, and three more do not fall; or there are not as many."""
    edges, ticks = Edges(np.array([0, 1]), np.array([1, 0]), np.ones(2)), list[Tick]()
    descend_in_passes(
        _one, passes, {"w": np.ones(1)}, np.zeros(1), edges, seed=0, progress=Progress(ticks.append)
    )  # type: ignore[arg-type]
    assert [tick.done for tick in ticks] == [*range(1, made + 1), passes.most]


def _one(parameters: dict[str, np.ndarray], *_: object) -> np.ndarray:
    """A loss that stays 1 whatever is done."""
    return 1 + 0 * parameters["w"].sum()


def test_a_decoder_reads_positions_in_its_own_scale() -> None:
    """One layer that passes the cosine on: at y = c + s/2, F = 2π, it is cos π = -1, so h = μ - σ."""
    only_cosine = Dense(np.float32([[0], [0], [0], [1]]), np.zeros(1, np.float32))
    frequency, center = np.float32([[2 * math.pi], [0]]), np.float32([10, 0])
    decoder = Decoder((only_cosine,), frequency, center, np.float32(4), np.float32([7]), np.float32(3))
    assert float(decoder(np.float32([[12, 0]]))[0, 0]) == pytest.approx(4, abs=1e-4)


def test_the_scale_of_features_is_one_number_for_all() -> None:
    mean, deviation = scale(np.array([[0.0, 1], [4, 1]]))
    assert mean.tolist() == [2, 1]
    assert deviation == 1  # of 2 and 0
    assert scale(np.ones((3, 2)))[1] == 1


def test_layers_have_the_widths_asked_for() -> None:
    assert [dense.weight.shape for dense in fresh(KEY, (6, 4, 2))] == [(6, 4), (4, 2)]


def test_a_joint_distribution_sums_to_one_and_gives_the_boundary_its_share() -> None:
    """The edge between samples predicted differently keeps 0.3 of its weight."""
    samples = Edges(np.array([0, 1, 0, 2]), np.array([1, 0, 2, 0]), np.ones(4))
    boundary = Edges(np.array([0, 3]), np.array([3, 0]), np.full(2, 0.5))
    joint = Layout().joint(Graph(samples, boundary), np.array([0, 0, 1, 0])).toarray()
    assert joint.sum() == pytest.approx(1)
    np.testing.assert_array_equal(joint, joint.T)
    assert joint[0, 3] + joint[3, 0] == pytest.approx(0.4)
    assert joint[0, 2] / joint[0, 1] == pytest.approx(0.3)


def test_a_layout_is_optimized_the_less_the_more_has_stayed() -> None:
    changed, stayed = Layout().later(0), Layout().later(1)
    assert [(phase.iterations, phase.exaggeration) for phase in changed] == [(73, 4), (147, 1)]
    assert [(phase.iterations, phase.exaggeration) for phase in stayed] == [(6, 1), (14, 1)]


def test_new_points_start_between_their_nearest() -> None:
    """At distances 1 and 2 of two samples the weights are 1 and 1/4: 4/5 and 1/5 of 0 and 10."""
    found = between(np.array([[0.0], [3]]), np.array([[0.0, 0], [10, 0]]), np.array([[1.0]]))
    assert found.tolist() == [[pytest.approx(2), 0]]


def test_a_new_sample_takes_the_place_of_the_nearest_predicted_alike() -> None:
    """At 0.4 the nearest is the sample at 0, but class 1 leads from 0.3 on: its nearest is that at 1."""
    head = Head(np.float32([[-1, 1]]), np.float32([0.3, -0.3]))
    features, position = np.float32([[0], [1]]), np.float32([[5, 5], [7, 7]])
    placed = Placed(features, position, head, decoder=None)  # type: ignore[arg-type]
    assert placed.project(np.float32([[0.4], [0.2]])).tolist() == [[7, 7], [5, 5]]


def test_centers_are_the_farthest_from_each_other() -> None:
    line = np.array([[0.0], [1], [2], [10], [10]])
    found = centers(line, 3, seed=0)
    assert len(np.unique(found)) == 3
    assert {0, 10} <= set(line[found].ravel())
    assert len(centers(line, 9, seed=0)) == 5


def test_the_epochs_when_a_sample_was_nearest() -> None:
    """A sample at 0, 5, 6 in three epochs, another at 0, 1, 9."""
    near = between_epochs(np.array([[[0.0], [0]], [[5], [1]], [[6], [9]]]), 1)
    assert near.point.ravel().tolist() == [2, 3, 4, 1, 2, 3]
    assert near.distance.ravel().tolist() == [5, 1, 1, 1, 1, 8]


def test_epochs_without_common_samples_have_no_timevis() -> None:
    first, second, _ = clouds()
    with pytest.raises(DataError, match="0 of them in 2 epochs"):
        TimeVis().thinned([first, second._replace(sample=second.sample + 1000)], seed=0)


def test_the_background_belongs_to_the_nearest_sample() -> None:
    """Around 0 and 10 on a line lies the square from -0.5 to 10.5, from -5.5 to 5.5; 5 is the middle."""
    position = np.array([[0.0, 0], [10, 0]])
    anywhere, owner = map(np.asarray, background(position, 500, KEY))
    np.testing.assert_allclose(anywhere.min(axis=0), [-0.5, -5.5], atol=0.1)
    np.testing.assert_allclose(anywhere.max(axis=0), [10.5, 5.5], atol=0.1)
    np.testing.assert_array_equal(owner, anywhere[:, 0] > 5)


def test_the_background_moves_no_sample() -> None:
    slope = jax.grad(lambda position: background(position, 50, KEY)[0].sum())(np.array([[0.0, 0], [10, 0]]))
    assert not np.asarray(slope).any()


@pytest.mark.long
def test_a_decoder_invents_fewer_regions_with_a_background() -> None:
    shares = []
    for number in (0, 100):
        form = Parametric(steps=300, batch=60, encoder=(32,), decoder=(32,), background=number, spread=2.0)
        (found,) = form.fit([clouds()[1]], seed=1)
        ground = landscape(found.model, clouds()[1].head, box(found.position), 100)
        shares.append(phantom(ground, found.position).share)
    assert shares[1] < 0.1 * shares[0]


@pytest.mark.long
def test_the_anchor_holds_the_map_still() -> None:
    free, held = (
        Parametric(steps=200, batch=60, encoder=(32,), decoder=(32,), anchor=anchor) for anchor in (0.0, 50.0)
    )
    moved = [movement(list(form.fit(clouds(), seed=0))) for form in (free, held)]
    assert moved[1] < 0.5 * moved[0]


def test_a_tied_epoch_starts_a_layout_where_it_was() -> None:
    first, second, _ = clouds()
    position = np.random.default_rng(0).normal(size=(len(first.sample), 2))
    under = ground(first, None)
    start, phases = Layout().beginning(under, seed=0)
    assert phases == Layout().first
    before = Fitted(first.sample, position, np.zeros((0, 2)), under.nearest, model=None)  # type: ignore[arg-type]
    start, phases = Layout().beginning(ground(second, before), seed=0)
    np.testing.assert_allclose(start[: len(position)], position, atol=1e-6)
    assert np.abs(start).max() <= np.abs(position).max() + 1e-6  # boundary points lie between
    assert sum(phase.iterations for phase in phases) < 220

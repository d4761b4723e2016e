import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.reviewer_loss import PairAccuracy, reviewer_loss

papers = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.integers(4, 20).map(lambda r: r / 4), st.integers(0, 3).map(float)),
    max_size=5,
)
tables = st.dictionaries(st.sampled_from(["r1", "r2", "r3"]), papers, max_size=3)
Table = dict[str, dict[str, tuple[float, float]]]


def split(table: Table) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    ratings = {reviewer: {paper: pair[0] for paper, pair in own.items()} for reviewer, own in table.items()}
    scores = {reviewer: {paper: pair[1] for paper, pair in own.items()} for reviewer, own in table.items()}
    return ratings, scores


def test_the_loss_by_hand() -> None:
    ratings = {"r1": {"a": 5.0, "b": 2.0, "c": 4.0}, "r2": {"d": 4.5, "e": 4.0}}
    # a b right (3), a c turned (1), b c equal (2 ÷ 2); d e turned (.5).
    scores = {"r1": {"a": 0.5, "b": 0.4, "c": 0.6}, "r2": {"d": 1.0, "e": 2.0}}
    scores["r1"]["b"] = 0.6 - 0.2
    found = reviewer_loss(ratings, scores)
    assert found.loss == pytest.approx((0 + 1 + 0 + 0.5) / (3 + 1 + 2 + 0.5))
    scores["r1"]["b"] = 0.6
    found = reviewer_loss(ratings, scores)
    assert found.loss == pytest.approx((3 + 1 + 1 + 0.5) / 6.5)
    # Easy: a b, b c. Hard: a c, d e.
    assert found.easy == PairAccuracy(0, 2)
    assert found.hard == PairAccuracy(0, 2)
    assert (found.reviewers, found.ratings) == (2, 5)
    assert found.low is not None
    assert found.high is not None
    assert found.loss is not None
    assert 0 <= found.low <= found.loss <= found.high <= 1


@given(tables)
def test_the_loss_is_the_formula_over_all_pairs(table: Table) -> None:
    ratings, scores = split(table)
    wrong = weight = 0.0
    for reviewer, rated in ratings.items():
        for first in rated:
            for second in rated:
                if first < second:
                    gap, step = rated[first] - rated[second], scores[reviewer][first] - scores[reviewer][second]
                    weight += abs(gap)
                    wrong += abs(gap) * (0.5 if step == 0 else float(gap * step < 0))
    assert reviewer_loss(ratings, scores).loss == (pytest.approx(wrong / weight) if weight else None)


@given(tables)
def test_only_the_order_of_the_scores_matters_and_turning_it_turns_the_loss(table: Table) -> None:
    ratings, scores = split(table)
    found = reviewer_loss(ratings, scores)
    stretched = {each: {paper: 3 * score + 7 for paper, score in own.items()} for each, own in scores.items()}
    assert reviewer_loss(ratings, stretched) == found
    turned = {each: {paper: -score for paper, score in own.items()} for each, own in scores.items()}
    opposite = reviewer_loss(ratings, turned)
    if found.loss is not None:
        assert opposite.loss == pytest.approx(1 - found.loss)
    assert reviewer_loss(dict(reversed(ratings.items())), scores) == found


@given(tables)
def test_the_ratings_themselves_have_no_loss_and_constants_half(table: Table) -> None:
    ratings, scores = split(table)
    perfect = reviewer_loss(ratings, ratings)
    assert perfect.loss in (0.0, None)
    assert perfect.easy.correct == perfect.easy.pairs
    assert perfect.hard.share in (1.0, None)
    flat = {each: dict.fromkeys(own, 1.0) for each, own in scores.items()}
    assert reviewer_loss(ratings, flat).loss in (0.5, None)


def test_a_missing_score_is_an_error() -> None:
    with pytest.raises(KeyError):
        reviewer_loss({"r": {"a": 1.0, "b": 2.0}}, {"r": {"a": 1.0}})

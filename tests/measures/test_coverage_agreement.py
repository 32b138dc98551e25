"""Agreement between two codings: by hand, by published worked examples, and by its invariants."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import relations as rel


def coded(field: str, pairs: list[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        [(f"e{place}", "s", field, one, other) for place, (one, other) in enumerate(pairs)],
        columns=["event_id", "source_id", "field", "first", "second"],
    )


def alpha(frame: pd.DataFrame) -> float:
    return rel.coverage.agreement(frame)["alpha"].iloc[0]


def test_alpha_of_a_binary_example_of_krippendorff():
    """Krippendorff, Computing alpha-reliability (2011), A: ten units, alpha 0.095."""
    first = ["0", "1", "0", "0", "0", "0", "0", "0", "1", "0"]
    second = ["1", "1", "1", "0", "0", "1", "0", "0", "0", "0"]
    frame = coded("status", list(zip(first, second, strict=True)))
    assert alpha(frame) == pytest.approx(0.095, abs=0.0005)


def test_alpha_of_a_nominal_example_of_krippendorff():
    """The same, B: twelve units, five values, alpha 0.692."""
    pairs = ["ab", "aa", "bb", "bb", "db", "cc", "cc", "cc", "ee", "dd", "dd", "ad"]
    frame = coded("kind", [(pair[0], pair[1]) for pair in pairs])
    assert alpha(frame) == pytest.approx(0.692, abs=0.0005)


def test_ordinal_alpha_by_hand():
    """Levels 1, 2, 3: expected and observed disagreement summed from the definition."""
    pairs = [("1", "1"), ("1", "2"), ("2", "2"), ("3", "3")]
    counts = {1: 3, 2: 3, 3: 2}

    def distance(low: int, high: int) -> float:
        if low == high:
            return 0.0
        low, high = min(low, high), max(low, high)
        between = sum(counts[level] for level in range(low, high + 1))
        return (between - (counts[low] + counts[high]) / 2) ** 2

    values = [int(value) for pair in pairs for value in pair]
    observed = sum(2 * distance(int(one), int(other)) for one, other in pairs) / len(values)
    expected = sum(distance(one, other) for one in values for other in values)
    expected /= len(values) * (len(values) - 1)
    assert alpha(coded("office_level", pairs)) == pytest.approx(1 - observed / expected)


@pytest.mark.parametrize(("field", "level"), [("kind", "nominal"), ("office_level", "ordinal")])
def test_interval_is_that_of_the_package_draw_by_draw(field, level):
    """A thousand draws of six reports, each reckoned alone."""
    krippendorff = pytest.importorskip("krippendorff")
    codes = np.array([[1, 1, 2, 3, 3, 2], [1, 2, 2, 3, 1, 2]], dtype=float)
    alphas = []
    for draw in np.random.default_rng(7).integers(6, size=(1000, 6)):
        drawn = codes[:, draw]
        if len(np.unique(drawn)) > 1:
            alphas.append(krippendorff.alpha(drawn, level_of_measurement=level))
    pairs = [(str(int(one)), str(int(other))) for one, other in codes.T]
    row = rel.coverage.agreement(coded(field, pairs), seed=7).iloc[0]
    assert [row["low"], row["high"]] == pytest.approx(np.quantile(alphas, [0.025, 0.975]))


def test_each_area_of_each_report_is_a_unit():
    """Three areas in two reports: six units, of which one differs."""
    frame = coded("areas", [("a;b", "b;a"), ("c", "a;c")])
    agreement = rel.coverage.agreement(frame).iloc[0]
    assert (agreement["reports"], agreement["units"]) == (2, 6)
    assert agreement["agree"] == pytest.approx(5 / 6)


def test_a_level_that_one_coding_lacks_counts_against_agreement_only():
    frame = coded("office_level", [("5", "5"), ("4", "4"), ("3", "")])
    agreement = rel.coverage.agreement(frame).iloc[0]
    assert agreement["agree"] == pytest.approx(2 / 3)
    assert agreement["alpha"] == pytest.approx(1)


def test_one_value_alone_has_no_alpha():
    agreement = rel.coverage.agreement(coded("status", [("held", "held")] * 3)).iloc[0]
    assert (agreement["agree"], agreement["note"]) == (1, "one value alone")
    assert np.isnan(agreement[["alpha", "low", "high"]].astype(float)).all()


@pytest.mark.parametrize(
    "frame",
    [
        coded("kind", [("visit", "meeting")]),
        coded("areas", [("a;b", "a")]),
        # Three reports, but both codings found a level in one only.
        coded("office_level", [("5", "4"), ("3", ""), ("", "")]),
    ],
)
def test_one_report_has_no_alpha(frame):
    agreement = rel.coverage.agreement(frame).iloc[0]
    assert agreement["note"] == "fewer than two reports"
    assert np.isnan(agreement[["alpha", "low", "high"]].astype(float)).all()


def test_full_agreement_has_no_interval():
    """Drawing reports that all agree gives 1 in every draw, which is no certainty."""
    agreement = rel.coverage.agreement(coded("kind", [("a", "a"), ("b", "b"), ("a", "a")])).iloc[0]
    assert (agreement["alpha"], agreement["note"]) == (1, "no report differs")
    assert np.isnan(agreement[["low", "high"]].astype(float)).all()


def test_interval_is_that_of_reports_drawn_again():
    """Alpha of two codings without gaps: 1 − differing · (2n − 1) / pairs of unlike values."""
    pairs = ["aa"] * 12 + ["bb"] * 9 + ["ab"] * 4 + ["ba"] * 2 + ["cc"] * 5 + ["cb"] * 3
    agreement = rel.coverage.agreement(coded("kind", [tuple(pair) for pair in pairs])).iloc[0]
    cells, size = sorted(set(pairs)), len(pairs)
    share = [pairs.count(cell) / size for cell in cells]
    drawn = np.random.default_rng(1).multinomial(size, share, 20_000)
    unlike = np.array([cell[0] != cell[1] for cell in cells])
    values = drawn @ np.array([[cell.count(value) for value in "abc"] for cell in cells])
    chance = (2 * size) ** 2 - (values**2).sum(axis=1)
    alphas = 1 - 2 * (drawn @ unlike) * (2 * size - 1) / chance
    expected = np.quantile(alphas, [0.025, 0.975])
    assert agreement[["low", "high"]].tolist() == pytest.approx(expected, abs=0.03)
    assert agreement["note"] == ""


def test_levels_are_numbers_however_written():
    frame = coded("office_level", [("5", "5.0"), ("4", " 4"), ("3", "2")])
    assert rel.coverage.agreement(frame)["agree"].iloc[0] == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match=r"second of e1 s has the office level 'high'"):
        rel.coverage.agreement(coded("office_level", [("5", "5"), ("4", "high")]))


def test_a_report_that_stands_twice_is_refused():
    frame = coded("kind", [("a", "a"), ("b", "a")])
    with pytest.raises(ValueError, match="e0 s kind stands more than once"):
        rel.coverage.agreement(pd.concat([frame, frame]))


def test_empty_table_gives_no_row():
    assert rel.coverage.agreement(coded("kind", [])).empty


def test_field_that_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="no way to compare"):
        rel.coverage.agreement(coded("mood", [("a", "b")]))
    with pytest.raises(ValueError, match="second"):
        rel.coverage.agreement(coded("kind", [("a", "b")]).drop(columns="second"))


def test_a_dataset_is_its_second_coding(small):
    data = rel.load(small.path)
    found = rel.coverage.agreement(data)
    assert found[["field", "reports", "agree"]].to_numpy().tolist() == [["kind", 1, 0.0]]
    pd.testing.assert_frame_equal(found, rel.coverage.agreement(data.second_coding))
    assert found.attrs["source"] == data.caption


def test_without_krippendorff_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "krippendorff", None)
    with pytest.raises(ImportError, match=r"pip install 'china-vietnam-relations\[analysis\]'"):
        rel.coverage.agreement(coded("kind", [("a", "b"), ("b", "b"), ("a", "a")]))


def test_every_engine_gives_the_same(engine):
    frame = coded("kind", [("a", "a"), ("b", "a"), ("b", "b"), ("c", "c")])
    pd.testing.assert_frame_equal(
        rel.coverage.agreement(engine(frame)), rel.coverage.agreement(frame)
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=12))
def test_order_of_reports_and_of_coders_does_not_matter(pairs):
    turned = [(other, one) for one, other in reversed(pairs)]
    assert alpha(coded("kind", pairs)) == pytest.approx(alpha(coded("kind", turned)), nan_ok=True)


def test_level_that_one_coding_did_not_find_is_a_value_where_none_counts():
    pairs = [("5", "5"), ("5", ""), ("4", "4"), ("", "")]
    found = rel.coverage.agreement(coded("office_level", pairs)).set_index("field")
    assert found.loc["office_level", "alpha"] == 1
    # Pairs: 5-5, 5-none, 4-4, none-none: one of four differs.
    values = {"5": 3, "4": 2, "none": 3}
    chance = 1 - sum(n * (n - 1) for n in values.values()) / (8 * 7)
    assert found.loc["office_level_or_none", "alpha"] == pytest.approx(1 - 0.25 / chance)

"""Three lists: closed forms, statsmodels and a published table; coverage by simulation."""

from itertools import product

import numpy as np
import pandas as pd
import polars as pl
import pytest
from conftest import calibrated, measured
from scipy.optimize import root
from scipy.stats import binom

import relations as rel
from relations.measures._capture import activity, smallest_explanation
from relations.measures._loglinear import HISTORIES, PAIRS, SEEN, blocks_of, fitted, limits

# Hepatitis A in a Taiwanese college, 1995: serum, hospital and epidemiologists' lists of 135,
# 122 and 126 cases, 271 in all (A. Chao et al. 2001, Statistics in Medicine 20: 3123-3157).
HEPATITIS = [28, 21, 17, 69, 18, 55, 63]


def test_the_published_lists_have_their_margins():
    assert (np.array(HEPATITIS) @ HISTORIES[:SEEN]).tolist() == [135, 122, 126]


def test_unseen_cells_are_those_of_the_closed_forms():
    # Y. M. M. Bishop, S. E. Fienberg, P. W. Holland 1975, section 6.4.2.
    n = dict(zip(["111", "110", "101", "100", "011", "010", "001"], HEPATITIS, strict=True))
    models = fitted(HEPATITIS)
    unseen = dict(zip(models.names, models.unseen[:, 0], strict=True))
    every_pair = n["111"] * n["100"] * n["010"] * n["001"] / (n["110"] * n["101"] * n["011"])
    assert unseen["12 13 23"] == pytest.approx(every_pair, rel=1e-6)
    assert unseen["12 13"] == pytest.approx(n["010"] * n["001"] / n["011"], rel=1e-6)
    joint = (n["110"] + n["100"] + n["010"]) * n["001"] / (n["111"] + n["101"] + n["011"])
    assert unseen["12"] == pytest.approx(joint, rel=1e-6)
    # 388 and 1313 are the published totals without and with every dependence.
    assert round(271 + unseen["none"]) == 388
    assert round(271 + unseen["12 13 23"]) == 1313


def test_fits_and_weights_are_those_of_statsmodels():
    import statsmodels.api as sm

    counts = np.array([HEPATITIS, [9, 30, 4, 22, 5, 40, 8]])
    models = fitted(counts, [0, 1])
    assert len(models.names) == 16
    seen = np.arange(len(models.design)) % len(HISTORIES) < SEEN
    scores = []
    for row, keep in enumerate(models.keep):
        design = models.design[:, keep]
        fit = sm.GLM(counts.ravel(), design[seen], family=sm.families.Poisson()).fit()
        np.testing.assert_allclose(models.theta[row, keep], fit.params, atol=1e-4)
        size = int(keep.sum())
        scores.append(fit.aic + 2 * size * (size + 1) / (counts.sum() - size - 1))
    weights = np.exp(-(np.array(scores) - min(scores)) / 2)
    np.testing.assert_allclose(models.weights, weights / weights.sum(), rtol=1e-5)


def test_the_profile_is_that_of_fits_with_the_number_unseen_given():
    # One model alone: the limits are where the likelihood with an offset falls by 1.92.
    from dataclasses import replace

    import statsmodels.api as sm

    models = fitted(HEPATITIS)
    place = models.names.index("12 13")
    alone = replace(models, weights=np.eye(len(models.names))[place], keep=models.keep.copy())
    design = models.design[:SEEN, models.keep[place]]

    def drop(unseen):
        offset = np.full(SEEN, np.log(unseen))
        held = sm.GLM(HEPATITIS, design[:, 1:], family=sm.families.Poisson(), offset=offset).fit()
        free = sm.GLM(HEPATITIS, design, family=sm.families.Poisson()).fit()
        return 2 * (free.llf - held.llf)

    from relations.measures._loglinear import _tails

    fine = np.linspace(np.log(50), np.log(600), 300)
    used = alone.weights > 0
    below = _tails(alone, used, np.array([True]), fine)[0]
    for share in (0.025, 0.975):
        limit = np.exp(np.interp(share, below, fine))
        assert drop(limit) == pytest.approx(3.8415, abs=0.05)


def test_the_limits_hold_those_of_every_pair_dependent():
    counts = [18, 93, 11, 30, 13, 184, 6]
    models = fitted(counts)
    middle, low, high = limits(models)
    whole = models.keep[:, -len(PAIRS) :].all(axis=1)
    assert low < models.unseen[whole, 0][0] < high
    assert low < middle < high
    _, low_bic, high_bic = limits(fitted(counts, criterion="bic"))
    assert (low_bic, high_bic) == pytest.approx((low, high), rel=0.1)


def test_no_overlap_sets_no_limit():
    assert limits(fitted([0, 0, 0, 5, 0, 20, 4]))[2] == np.inf


def test_periods_too_thin_share_their_chances():
    thin, full = [0, 0, 0, 0, 0, 2, 1], [5] * 7
    assert blocks_of([thin, thin, full, full, thin]) == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fitted([1, 2, 3]), "seven|7 numbers"),
        (lambda: fitted([-1] * 7), "none below 0"),
        (lambda: fitted(HEPATITIS, criterion="dic"), "aicc"),
    ],
)
def test_refusals_say_what_to_give(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def chances(listed, ratios):
    """Chances of the eight histories, with these margins and odds ratios of the pairs."""
    log_ratio = HISTORIES[:, [0, 0, 1]] * HISTORIES[:, [1, 2, 2]] @ np.log(ratios)

    def table(main):
        raw = np.exp(HISTORIES @ main + log_ratio)
        return raw / raw.sum()

    logit = np.log(np.array(listed) / (1 - np.array(listed)))
    return table(root(lambda main: table(main) @ HISTORIES - listed, logit - 0.5).x)


ALIKE = [(1.0, (0.40, 0.80, 0.13))]
APART = [(0.25, (0.80, 0.90, 0.40)), (0.40, (0.40, 0.80, 0.08)), (0.35, (0.20, 0.65, 0.04))]
DRAWS = calibrated(12)


def test_limits_cover_where_pairs_depend_and_tiers_differ():
    # Few draws here, so that 99 in 100 runs of an interval that covers 90% pass.
    generator = np.random.default_rng(12)
    held = 0
    cases = list(product([ALIKE, APART], [(1, 1, 1), (4, 1, 1), (1, 1, 4), (4, 4, 4)]))
    for tiers, ratios in cases:
        of_tier = [chances(listed, ratios) for _, listed in tiers]
        for _ in range(DRAWS):
            sizes = generator.multinomial(450, [share for share, _ in tiers])
            drawn = sum(generator.multinomial(n, p) for n, p in zip(sizes, of_tier, strict=True))
            _, low, high = limits(fitted(drawn[:SEEN]))
            held += low <= drawn[SEEN] <= high
    number = len(cases) * DRAWS
    measured("totals covered", held, number)
    assert held >= binom.ppf(0.01, number, 0.90)


def test_activity_lies_above_what_was_seen(data):
    table = activity(data, every_years=10)
    assert table["period"].tolist()[-1] == "all"
    assert (table["low"] >= table["seen"]).all()
    assert table["seen"].iloc[:-1].sum() == table["seen"].iloc[-1]
    assert table["seen"].iloc[-1] == data.contacts["occasion"].nunique() - unreported(data)
    assert (table["detection_high"] <= 1).all()
    assert sum(table.attrs["models"]["weight"]) == pytest.approx(1)
    # Frames with such notes can be joined and converted.
    assert len(pd.concat([table, table.astype({"seen": "float64"})])) == 2 * len(table)


def unreported(data):
    originals = data.sources[data.sources["reprint_of"].isna()]["source_id"]
    contacts = data.contacts
    seen = data.reports[data.reports["source_id"].isin(originals)]["event_id"]
    return len(
        set(contacts["occasion"]) - set(contacts[contacts["event_id"].isin(seen)]["occasion"])
    )


def test_tiers_are_pooled_and_do_not_make_the_total(data):
    table = activity(data, every_years=10, by="tier").set_index("tier")
    assert table.index.tolist() == [
        "minister and above",
        "deputy and working",
        "none read off",
        "all",
    ]
    assert table["seen"].iloc[:-1].sum() == table.loc["all", "seen"]
    total = activity(data, every_years=10).iloc[-1]
    assert table.loc["all", "estimate"] == total["estimate"]


def test_engines_give_the_same(data):
    one = smallest_explanation(data, spans=[("2010", "2014"), ("2015", "2019")])
    other = smallest_explanation(
        data.convert(pl.from_pandas), spans=[("2010", "2014"), ("2015", "2019")]
    )
    assert one.equals(other)


def test_a_rise_needs_the_ratio_by_which_rates_rose(data):
    spans = [("2010", "2014"), ("2015", "2019")]
    row = smallest_explanation(data, spans=spans).iloc[0]
    days = [1826, 1826]
    assert row["rise"] == pytest.approx(
        row["seen_later"] / days[1] / (row["seen_earlier"] / days[0])
    )
    assert row["detection_at_most"] == pytest.approx(min(1, 1 / row["rise_low"]))
    wide = smallest_explanation(data, spans=spans, scatter=3).iloc[0]
    assert wide["rise_low"] < row["rise_low"] < row["rise"]
    assert row["risen"] == pytest.approx(row["rise"] / row["ratio"])


def test_asking_of_activity_is_refused_with_the_remedy(data):
    for call, message in (
        (lambda: activity(data, every_years=0), "one year or more"),
        (lambda: activity(data, by=["tier", "kind"]), "one column"),
        (lambda: smallest_explanation(data, spans=[("2015", "2019"), ("2010", "2014")]), "later"),
        (lambda: smallest_explanation(data, scatter=0), "above 0"),
        (lambda: activity(data.where(title="no such title")), "no contact"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match="Dataset"):
        activity(data.events)


def test_two_other_sides_have_their_lists(small):
    table = activity(rel.load(small.path), every_years=10)
    assert table.attrs["lists"] == {"first": "AA", "second": "BB", "third": "neither"}
    assert table["first"].iloc[-1] == 1 and table["second"].iloc[-1] == 1
    assert not table["separable"].any()

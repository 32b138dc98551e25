"""How often intervals of the area measures hold the truth, and how often they raise alarms."""

import numpy as np
import pandas as pd
import pytest
from conftest import dataset
from scipy.stats import binom

from relations.measures import areas
from relations.measures._area_breadth import _rarefied


@pytest.mark.parametrize("contacts", [13, 30])
def test_intervals_of_breadth_hold_the_truth_though_areas_come_in_bundles(contacts):
    """1,000 periods; each contact names one to five of 15 areas, none of them twice."""
    generator = np.random.default_rng(3)
    weight = generator.dirichlet(np.ones(15))

    def drawn(number):
        # The highest of weights with Gumbel noise are a draw without replacement.
        rank = (-np.log(weight) - generator.gumbel(size=(number, 15))).argsort(1).argsort(1)
        return (rank < generator.integers(1, 6, (number, 1))).astype(int)

    many = drawn(50_000).sum(axis=0)
    times = np.arange(1, 16)
    often = binom.pmf(times[:, None], 15, many / many.sum()).sum(axis=1)
    share = times / 15
    truth = [
        often.sum(),
        np.exp(-(share * np.log(share) * often).sum()),
        1 / (share**2 * often).sum(),
    ]
    limits = np.array([_rarefied(drawn(contacts), 15, [0, 1, 2]) for _ in range(1000)])
    held = ((limits[..., 1] <= truth) & (truth <= limits[..., 2])).mean(axis=0)
    # Stated are 93% to 97%; the tail of 1,000 draws is another point below.
    assert (held >= 0.92).all(), held
    assert (held < 0.98).all(), held


def test_pairs_named_independently_raise_few_alarms():
    """200 tables of 60 contacts and 15 pairs."""
    generator = np.random.default_rng(6)
    alarms, families, inside = 0, 0, []
    for _ in range(200):
        named = generator.random((60, 6)) < 0.4
        mentions = pd.DataFrame(
            [(f"e{i}", f"a{j}") for i, j in zip(*np.nonzero(named), strict=True)],
            columns=["event_id", "area"],
        )
        pairs = areas.together(mentions, total=60)
        alarms += (pairs["p"] < 0.05).mean() / 200
        families += (pairs["q"] < 0.05).any() / 200
        inside.append(pairs["count"].between(pairs["chance_low"], pairs["chance_high"]).mean())
    assert 0.005 < alarms <= 0.05
    assert families <= 0.05
    assert 0.93 <= np.mean(inside) < 0.999


@pytest.mark.parametrize("tilt", [0.0, 1.5])
def test_emphasis_is_calibrated(tilt):
    """150 records of 20 areas: 3,000 intervals."""
    generator = np.random.default_rng(7)
    listed = np.array([f"a{number:02}" for number in range(20)])
    first = generator.dirichlet(np.ones(20))
    second = first * np.exp(tilt * generator.normal(size=20))
    second /= second.sum()
    truth = pd.Series(
        np.log(first / (1 - first)) - np.log(second / (1 - second)), index=listed, name="truth"
    )
    days = pd.DataFrame({"start": [pd.Timestamp("2020-01-01")] * 360})
    days = days.assign(end=days["start"], precision="day", status="held")
    covered, alarms, families = [], [], []
    for _ in range(150):
        named = [("AA", first, 90), ("BB", second, 120), ("joint", (first + second) / 2, 150)]
        mentions = pd.concat(
            pd.DataFrame({"area": generator.choice(listed, size, p=share), "side": side})
            for side, share, size in named
        ).reset_index(drop=True)
        mentions["event_id"] = [f"e{number}" for number in range(len(mentions))]
        record = dataset(
            events=days.assign(event_id=mentions["event_id"]),
            area_mentions=mentions,
            areas=pd.DataFrame({"area": listed}),
        )
        table = areas.emphasis(record).join(truth, on="area")
        covered.append(
            ((table["low"] <= table["truth"]) & (table["truth"] <= table["high"])).mean()
        )
        alarms.append((table["p"] < 0.05).mean())
        families.append((table["q"] < 0.05).any())
    assert 0.93 <= np.mean(covered) < 0.999
    if not tilt:
        assert np.mean(alarms) <= 0.05
        assert np.mean(families) <= 0.05
    else:
        assert np.mean(families) > 0.5

"""Numbered series as known truth: counted by hand on the small tables, bounded on the shipped."""

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

import relations as rel
from relations.measures._editions import detection, editions


@pytest.fixture
def patrols(small) -> rel.Dataset:
    """A series: number 1 absent, 2 held without its number, 3 and 5 held, 4 missing."""
    for day in ("2020-06-10", "2021-10-10"):
        row = f"{day}-patrol,{day},,joint_patrol,gulf_patrol,both,at_sea,,held,Patrol,,"
        small.append("events", row)
    small.replace("mechanisms", "joint_patrol,,,", "joint_patrol,,12,")
    small.append("reports", "2020-06-10-patrol,s2,2020-06-10,,printed,false,")
    small.append("reports", "2021-10-10-patrol,s3,2021-10-10,5,printed,false,")
    small.append("editions", "2021-10-10-patrol,AA,5")
    small.append("absences", "gulf_patrol,AA,1,before June 2021,the two papers,")
    for name in ("events", "reports", "editions", "absences"):
        head, *rows = small.text(name).splitlines()
        small.write(name, "\n".join([head, *sorted(rows), ""]))
    return rel.load(small.path)


def test_what_must_exist_is_counted_by_number(patrols):
    table = editions(patrols)
    assert table["edition"].tolist() == [1, 2, 3, 4, 5]
    assert table["held"].tolist() == [False, True, True, False, True]
    assert table["numbered"].tolist() == [False, False, True, False, True]
    assert table["event_id"].tolist()[1] == "2020-06-10-patrol"
    # The fourth lies in the middle between the third (June 2021) and the fifth.
    one, other = pd.Timestamp("2021-06-15"), pd.Timestamp("2021-10-10")
    middle = one + (other - one) / 2
    assert abs(table["day"][3] - middle) <= pd.Timedelta(days=2)


def test_shares_and_limits_are_those_of_wilson(patrols):
    row = detection(patrols).iloc[0]
    assert (row["editions"], row["held"], row["numbered"]) == (5, 3, 2)
    low, high = proportion_confint(3, 5, method="wilson")
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert (row["first"], row["second"], row["third"]) == (0, 3, 0)
    # The visit is the one occasion outside the series.
    assert row["others"] == 1
    assert row["implied"] == pytest.approx(5 / 3)
    assert row["implied_low"] == pytest.approx(1 / high)


def test_by_period_each_edition_stands_in_its_own(patrols):
    table = detection(patrols, "period", every_years=1).set_index("period")
    assert table.loc["2021", "editions"] == 3
    assert table.loc["2021", "held"] == 2


def test_a_count_of_each_side_is_taken_for_itself(data):
    by_side = detection(data, ["channel", "side"]).set_index(["channel", "side"])
    one = detection(data, "channel").set_index("channel")
    patrols = by_side.loc["coast_guard_joint_patrol"]
    assert set(patrols.index) == {"CN", "VN"}
    assert one.loc["coast_guard_joint_patrol", "editions"] == patrols["editions"].max()


def test_the_shipped_series_hold_together(data):
    table = editions(data)
    assert not table.duplicated(["channel", "side", "edition"]).any()
    assert not table[table["held"]].duplicated(["channel", "side", "event_id"]).any()
    assert table.loc[table["numbered"], "held"].all()
    assert (table["event_id"].notna() == table["held"]).all()
    absent = data.absences.merge(
        table[~table["held"] | ~table["numbered"]],
        left_on=["mechanism", "edition"],
        right_on=["channel", "edition"],
    )
    assert len(absent) >= 0.9 * len(data.absences)


def test_a_choice_takes_its_days_and_series(data):
    late = detection(data.where(since=2020, channel="naval_joint_patrol")).iloc[0]
    whole = detection(data.where(channel="naval_joint_patrol")).iloc[0]
    assert 0 < late["editions"] < whole["editions"]


def test_other_columns_are_refused(data):
    with pytest.raises(ValueError, match="period, side, kind, channel"):
        detection(data, "tier")
    with pytest.raises(ValueError, match="one year"):
        detection(data, every_years=0)
    assert detection(data.where(kind="visit", channel="mnd_hotline")).empty

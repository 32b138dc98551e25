"""Exchange frequency: an occasion once, zeros only where the record covers, honest intervals."""

import calendar
import datetime

import pandas as pd
import pytest
from conftest import as_pandas
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

import relations as rel


def events(*rows, **columns):
    """Rows of (start, kind, parent_id), every contact known to the day and held."""
    frame = pd.DataFrame(rows, columns=["start", "kind", "parent_id"])
    frame["start"] = pd.to_datetime(frame["start"])
    frame.insert(0, "event_id", [f"e{i}" for i in range(len(frame))])
    return frame.assign(**({"precision": "day", "status": "held"} | columns))


FIVE = events(
    ("2019-02-28", "visit", None),
    ("2019-03-01", "patrol", "e0"),
    ("2019-12-31", "visit", None),
    ("2021-01-01", "patrol", None),
    ("2021-06-30", "visit", None),
)
SPAN = ("2019-01-01", "2021-06-30")


def test_counts_zeros_exposure_and_partial_period(engine):
    table = as_pandas(rel.exchange_frequency(engine(FIVE), span=SPAN))
    assert table["period"].dt.year.tolist() == [2019, 2020, 2021]
    assert table["count"].tolist() == [2, 0, 2]
    assert table["folded"].tolist() == [1, 0, 0]
    # 181 of the 365 days of 2021 are covered.
    assert table["exposure"].tolist() == pytest.approx([1, 1, 181 / 365])
    assert table["rate"].tolist() == pytest.approx([2, 0, 2 * 365 / 181])
    assert table["partial"].tolist() == [False, False, True]
    assert table["parts"].tolist() == ["fold"] * 3


def test_kept_parts_by_kind(engine):
    table = as_pandas(rel.exchange_frequency(engine(FIVE), by="kind", parts="keep", span=SPAN))
    assert table["kind"].tolist() == ["patrol"] * 3 + ["visit"] * 3
    assert table["count"].tolist() == [1, 0, 1, 2, 0, 1]
    assert table["folded"].tolist() == [0] * 6
    assert set(table["parts"]) == {"keep"}


@pytest.mark.parametrize(
    ("every", "periods", "first_counts"), [("quarter", 10, [1, 0, 0, 1]), ("month", 30, [0, 1, 0])]
)
def test_shorter_periods(engine, every, periods, first_counts):
    table = as_pandas(rel.exchange_frequency(engine(FIVE), every, span=SPAN))
    assert len(table) == periods
    assert table["count"].tolist()[: len(first_counts)] == first_counts
    assert table["count"].sum() == 4
    # Two years and a half, whatever they are cut into.
    assert table["exposure"].sum() == pytest.approx(2 + 181 / 365)


def test_same_kind_of_frame_comes_back(engine):
    frame = engine(FIVE)
    assert type(rel.exchange_frequency(frame, span=SPAN)) is type(frame)


def test_empty_cells_are_a_group(engine):
    mixed = FIVE.assign(mechanism=["a", "a", None, None, None])
    table = as_pandas(
        rel.exchange_frequency(engine(mixed), by="mechanism", parts="keep", span=SPAN)
    )
    counts = (
        table.assign(mechanism=table["mechanism"].fillna("")).groupby("mechanism")["count"].sum()
    )
    assert counts.to_dict() == {"": 3, "a": 2}


def test_shipped_events_on_every_engine(engine, data):
    placed = data.events[data.events["precision"] != "year"]
    for every, events in (("year", data.events), ("quarter", placed)):
        expected = as_pandas(rel.exchange_frequency(events, every, by="kind"))
        found = as_pandas(rel.exchange_frequency(engine(events), every, by="kind"))
        pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize("count", [0, 1, 3, 20])
def test_interval_is_the_exact_poisson_one(count):
    """Garwood's limits by their definition: each leaves 2.5% beyond what was counted."""
    frame = events(("2019-05-05", "visit", None), *[("2020-05-05", "visit", None)] * count)
    row = rel.exchange_frequency(frame, span=("2019-01-01", "2020-12-31")).iloc[1]
    assert row["count"] == count
    assert poisson.cdf(count, row["high"]) == pytest.approx(0.025)
    if count:
        assert poisson.sf(count - 1, row["low"]) == pytest.approx(0.025)
    else:
        assert row["low"] == 0


def test_a_span_without_contacts_is_zeros(engine):
    table = as_pandas(rel.exchange_frequency(engine(FIVE), span=("2010-01-01", "2011-12-31")))
    assert table["count"].tolist() == [0, 0]
    assert table["high"].tolist() == pytest.approx([3.689, 3.689], abs=1e-3)


def test_interval_is_of_a_rate_per_year():
    year = rel.exchange_frequency(FIVE, span=("2019-01-01", "2019-12-31")).iloc[0]
    quarter = rel.exchange_frequency(FIVE.iloc[[0]], "quarter", span=SPAN).iloc[0]
    assert year["rate"] == 2
    assert quarter["rate"] == pytest.approx(365 / 90)
    assert poisson.cdf(1, quarter["high"] * 90 / 365) == pytest.approx(0.025)


def test_only_what_was_held_counts(engine):
    frame = FIVE.assign(status=["held", "held", "announced", "cancelled", "held"])
    table = as_pandas(rel.exchange_frequency(engine(frame), span=SPAN))
    assert table["count"].sum() == 2
    both = rel.exchange_frequency(engine(frame), status=["held", "announced"], span=SPAN)
    assert as_pandas(both)["count"].sum() == 3


def test_contact_belongs_to_the_period_in_which_it_starts():
    frame = events(("2019-12-30", "visit", None), end=pd.to_datetime(["2020-01-03"]))
    table = rel.exchange_frequency(frame, span=("2019-01-01", "2020-12-31"))
    assert table["count"].tolist() == [1, 0]


def test_year_known_only_is_not_placed_in_january(engine):
    frame = FIVE.assign(precision=["day", "day", "year", "month", "day"])
    for every in ("month", "quarter"):
        with pytest.raises(ValueError, match=r"1 contact is known less precisely.*e2: it cannot"):
            rel.exchange_frequency(engine(frame), every, span=SPAN)
    assert as_pandas(rel.exchange_frequency(engine(frame), span=SPAN))["count"].sum() == 4
    kept = frame[frame["precision"] != "year"]
    assert as_pandas(rel.exchange_frequency(engine(kept), "month", span=SPAN))["count"].sum() == 3


@pytest.mark.parametrize(
    ("precision", "span", "refused"),
    [
        ("year", ("2019-07-01", "2020-12-31"), True),
        ("year", ("2018-01-01", "2019-06-30"), True),
        ("year", ("2019-01-01", "2019-12-31"), False),
        ("year", ("2020-07-01", "2020-12-31"), False),
        ("month", ("2019-01-15", "2020-12-31"), True),
        ("month", ("2019-02-15", "2020-12-31"), False),
        ("day", ("2019-01-01", "2019-06-30"), False),
    ],
)
def test_contact_that_the_span_may_cut_off_is_refused(engine, precision, span, refused):
    frame = engine(events(("2019-01-01", "visit", None)).assign(precision=precision))
    if not refused:
        assert len(as_pandas(rel.exchange_frequency(frame, span=span)))
        return
    with pytest.raises(ValueError, match=f"known only to the {precision} from 2019-01-01 may lie"):
        rel.exchange_frequency(frame, span=span)


def test_span_of_the_frame_itself(engine):
    frame = FIVE.assign(
        covered_since=pd.Timestamp("2019-01-01"), covered_until=pd.Timestamp("2021-06-30")
    )
    stated = as_pandas(rel.exchange_frequency(engine(frame)))
    passed = as_pandas(rel.exchange_frequency(engine(FIVE), span=SPAN))
    pd.testing.assert_frame_equal(stated, passed)


def test_kinds_covered_differently(engine):
    since = pd.to_datetime(["2019-01-01", "2019-03-01", "2019-01-01", "2019-03-01", "2019-01-01"])
    frame = FIVE.assign(covered_since=since, covered_until=pd.Timestamp("2021-06-30"))
    table = as_pandas(rel.exchange_frequency(engine(frame), by="kind", parts="keep"))
    assert table["exposure"].tolist()[0] == pytest.approx(306 / 365)
    assert table["exposure"].tolist()[3] == 1
    with pytest.raises(ValueError, match=r"2019-03-01 to 2021-06-30.*by kind"):
        rel.exchange_frequency(engine(frame))


def test_contact_outside_what_the_frame_covers_is_refused():
    frame = FIVE.assign(
        covered_since=pd.Timestamp("2019-01-01"), covered_until=pd.Timestamp("2021-03-31")
    )
    with pytest.raises(ValueError, match="do not fit what is covered"):
        rel.exchange_frequency(frame)


def test_month_before_what_the_frame_covers_is_refused():
    frame = FIVE.assign(precision="month", covered_until=pd.Timestamp("2021-06-30"))
    inside = rel.exchange_frequency(frame.assign(covered_since=pd.Timestamp("2019-02-15")))
    assert inside["count"].tolist() == [2, 0, 2]
    with pytest.raises(ValueError, match="of 2019-01 do not fit"):
        rel.exchange_frequency(frame.assign(covered_since=pd.Timestamp("2019-03-02")))


@pytest.mark.parametrize("name", ["count", "rate", "rows"])
def test_groups_named_like_a_column_of_the_result_are_refused(name):
    with pytest.raises(ValueError, match="rename yours"):
        rel.exchange_frequency(FIVE.assign(**{name: "x"}), by=name, span=SPAN)


def test_frame_that_leaves_a_span_empty_is_refused(engine):
    for column in ("covered_since", "covered_until"):
        frame = FIVE.assign(covered_since=pd.Timestamp("2019"), covered_until=pd.Timestamp("2022"))
        frame[column] = frame[column].where(frame.index != 2)
        with pytest.raises(ValueError, match="covered_until is empty in a row"):
            rel.exchange_frequency(engine(frame))


def test_frame_that_states_no_span_is_told_so(engine):
    with pytest.warns(UserWarning, match="does not say what it covers"):
        table = as_pandas(rel.exchange_frequency(engine(FIVE)))
    assert table["count"].tolist() == [2, 0, 2]
    assert table["exposure"].tolist() == [1, 1, 1]
    assert not table["partial"].any()


def test_frame_without_parents_is_not_said_to_be_folded():
    table = rel.exchange_frequency(FIVE.drop(columns="parent_id"), span=SPAN)
    assert table["parts"].tolist() == ["keep"] * 3
    assert table["count"].sum() == 5


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        (lambda f: f.drop(columns="status"), {}, "needs the column status"),
        (lambda f: f, {"by": "colour"}, "needs the column colour"),
        (lambda f: f, {"every": "week"}, "month, quarter, year"),
        (lambda f: f, {"parts": "some"}, "'fold' or 'keep'"),
        (lambda f: f, {"status": "dreamt", "span": None}, "no contact with status 'dreamt'"),
        (lambda f: f.assign(precision="week"), {}, "5 contacts are known less precisely"),
        (lambda f: f.assign(precision=None), {}, "less precisely than to the year"),
        (lambda f: f, {"span": ("2021-01-01", "2019-01-01")}, "before it starts"),
        (lambda f: pd.concat([f, f.iloc[[0]]]), {}, "'e0' stands more than once"),
        (lambda f: f.assign(start=f["start"].astype(str)), {}, "timestamps"),
        (lambda f: f.assign(start=f["start"].where(f.index != 2)), {}, "has no start"),
    ],
)
def test_what_cannot_be_counted_is_refused(change, arguments, words):
    with pytest.raises(ValueError, match=words):
        rel.exchange_frequency(change(FIVE), **({"span": SPAN} | arguments))


def test_a_list_is_no_frame():
    with pytest.raises(TypeError, match="pandas, Polars, DuckDB or PySpark"):
        rel.exchange_frequency([1, 2])


days = st.dates(datetime.date(2000, 1, 1), datetime.date(2005, 12, 31))


@settings(max_examples=60, deadline=None)
@given(
    starts=st.lists(days, min_size=1, max_size=40),
    bounds=st.tuples(days, days).map(sorted),
    every=st.sampled_from(["month", "quarter", "year"]),
    kept=st.sampled_from(["fold", "keep"]),
)
def test_every_contact_is_in_one_period_and_every_day_counts_once(starts, bounds, every, kept):
    """Against a count by hand: one loop over days, one over contacts."""
    since, until = bounds
    rows = [(str(day), "visit", None if i % 3 else "e0") for i, day in enumerate(starts)]
    inside = [row for row in rows if str(since) <= row[0] <= str(until)]
    frame = events(*rows)
    table = rel.exchange_frequency(frame, every, parts=kept, span=(since, until))

    length = {"month": 1, "quarter": 3, "year": 12}[every]

    def period(day):
        return datetime.date(day.year, (day.month - 1) // length * length + 1, 1)

    years: dict[datetime.date, float] = {}
    day = since
    while day <= until:
        one = 1 / (366 if calendar.isleap(day.year) else 365)
        years[period(day)] = years.get(period(day), 0) + one
        day += datetime.timedelta(days=1)
    counted = [row for row in inside if kept == "keep" or row[2] is None]
    count = dict.fromkeys(years, 0)
    for start, _, _ in counted:
        count[period(datetime.date.fromisoformat(start))] += 1

    assert [stamp.date() for stamp in table["period"]] == list(years)
    assert table["count"].tolist() == list(count.values())
    assert table["exposure"].tolist() == pytest.approx(list(years.values()))
    assert (table["count"] + table["folded"]).sum() == len(inside)
    assert ((table["low"] <= table["rate"]) & (table["rate"] <= table["high"])).all()


def test_pooled_rates_add_up_groups():
    table = rel.exchange_frequency(FIVE, by="kind", parts="keep", span=SPAN)
    pooled = rel.pooled_rates(table, "kind").set_index("kind")
    assert pooled["count"].to_dict() == {"visit": 3, "patrol": 2}
    years = 2 + 181 / 365
    assert pooled["exposure"].tolist() == pytest.approx([years, years])
    # Limits of a Poisson mean leave 2.5% on each side.
    for _, row in pooled.iterrows():
        assert poisson.sf(row["count"] - 1, row["low"] * years) == pytest.approx(0.025)
        assert poisson.cdf(row["count"], row["high"] * years) == pytest.approx(0.025)
    with pytest.raises(ValueError, match="pooled_rates needs host"):
        rel.pooled_rates(table, "host")

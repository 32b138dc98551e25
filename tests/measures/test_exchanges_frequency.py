"""Exchange frequency: an occasion once, zeros only where the record covers, honest intervals."""

import calendar
import datetime

import pandas as pd
import pytest
from conftest import ENGINES, as_pandas
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

import relations as rel
from relations.measures.exchanges import periods_apart, rates


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
    # 181 of the 365 days of 2021 are covered.
    assert table["exposure"].tolist() == pytest.approx([1, 1, 181 / 365])
    assert table["rate"].tolist() == pytest.approx([2, 0, 2 * 365 / 181])
    assert table["partial"].tolist() == [False, False, True]
    contacts = as_pandas(rel.exchange_frequency(engine(FIVE), count="contacts", span=SPAN))
    assert contacts["count"].tolist() == [3, 0, 2]


@pytest.mark.parametrize("count", ["occasions", "contacts"])
def test_an_occasion_counts_in_every_kind_that_it_has_a_contact_of(engine, count):
    table = as_pandas(rel.exchange_frequency(engine(FIVE), by="kind", count=count, span=SPAN))
    assert table["kind"].tolist() == ["patrol"] * 3 + ["visit"] * 3
    assert table["count"].tolist() == [1, 0, 1, 2, 0, 1]


# A visit (w) with four parts: two patrols, one of them in the next year, and two calls of
# which one is no longer held; a patrol of its own; parts of a visit that is not in the frame.
MANY = events(
    ("2019-12-30", "visit", None),
    ("2019-12-31", "patrol", "e0"),
    ("2020-01-02", "patrol", "e0"),
    ("2019-12-30", "call", "e0"),
    ("2019-12-30", "call", "e0"),
    ("2020-05-01", "patrol", None),
    ("2020-06-01", "call", "gone"),
    ("2020-06-02", "call", "gone"),
    ("2020-06-02", "patrol", "gone"),
).assign(status=["held"] * 4 + ["cancelled"] + ["held"] * 4)


def test_occasions_are_counted_once_in_each_cell_wherever_their_whole_is(engine):
    span = ("2019", "2020")
    year = as_pandas(rel.exchange_frequency(engine(MANY), span=span))
    # 2019: the visit. 2020: the visit by its patrol, the patrol, the visit that is gone.
    assert year["count"].tolist() == [1, 3]
    month = as_pandas(rel.exchange_frequency(engine(MANY), "month", span=span))
    assert month.loc[month["count"] > 0, "period"].dt.strftime("%Y-%m").tolist() == [
        "2019-12",
        "2020-01",
        "2020-05",
        "2020-06",
    ]
    assert month["count"].sum() == 4
    kind = as_pandas(rel.exchange_frequency(engine(MANY), by="kind", span=span))
    assert kind["count"].tolist() == [1, 1, 1, 3, 1, 0]
    contacts = as_pandas(rel.exchange_frequency(engine(MANY), count="contacts", span=span))
    assert contacts["count"].tolist() == [3, 5]


def test_a_filtered_frame_needs_no_parents(engine):
    patrols = MANY[MANY["kind"] == "patrol"]
    table = as_pandas(rel.exchange_frequency(engine(patrols), span=("2019", "2020")))
    assert table["count"].tolist() == [1, 3]
    pooled = as_pandas(rates(engine(patrols), span=("2019", "2020")))
    # The visit's two patrols are one occasion of all days, though of two years.
    assert pooled["count"].tolist() == [3]


def test_parts_of_parts_belong_to_the_occasion_that_the_frame_says(engine):
    nested = events(
        ("2019-05-01", "visit", None),
        ("2019-05-02", "talks", "e0"),
        ("2020-01-03", "signing", "e1"),
    ).assign(occasion="e0")
    table = as_pandas(rel.exchange_frequency(engine(nested), span=("2019", "2020")))
    assert table["count"].tolist() == [1, 1]
    pooled = as_pandas(rates(engine(nested), span=("2019", "2020")))
    assert pooled["count"].tolist() == [1]


def test_what_counts_can_be_traced(engine):
    table = as_pandas(rel.exchange_frequency(engine(MANY), span=("2019", "2020"), evidence=True))
    assert table["evidence"].tolist() == ["e0", "e2;e5;e6"]
    contacts = rel.exchange_frequency(
        engine(MANY), count="contacts", span=("2019", "2020"), evidence=True
    )
    assert as_pandas(contacts)["evidence"].tolist() == ["e0;e1;e3", "e2;e5;e6;e7;e8"]
    assert as_pandas(rel.exchange_frequency(engine(MANY), span=("2018", "2018"), evidence=True))[
        "evidence"
    ].tolist() == [""]


def test_groups_keep_their_type(engine):
    frame = MANY.assign(rounds=[1, 2, 2, 1, 1, 3, 1, 1, 2], joint=[True, False] * 4 + [True])
    # The engine for Spark in the tests makes texts of what is neither number nor date.
    for by, values in (("rounds", [1, 1, 2, 2, 3, 3]), ("joint", [False, False, True, True])):
        table = rel.exchange_frequency(engine(frame), by=by, span=("2019", "2020"))
        found = as_pandas(table)[by]
        assert found.tolist() == values
        assert found.dtype.kind == ("f" if by == "rounds" else "b")


def test_empty_whole_numbers_and_truth_values_are_groups_too(engine):
    frame = MANY.assign(
        rounds=pd.array([1, None, 2, 1, 1, None, 1, 1, 2], dtype="Int64"),
        joint=pd.array([True, None, False, True, True, None, True, True, None], dtype="boolean"),
    )
    span = ("2019", "2020")
    table = as_pandas(rel.exchange_frequency(engine(frame), by="rounds", span=span))
    assert table["rounds"].fillna(0).tolist() == [1, 1, 2, 2, 0, 0]
    assert table["count"].tolist() == [1, 1, 0, 2, 1, 1]
    table = as_pandas(rel.exchange_frequency(engine(frame), by="joint", span=span))
    assert table["count"].tolist() == [0, 1, 1, 1, 1, 2]


def sets_of_roots(rows):
    """Occasions by kind and year, as sets hold them."""
    cells = {}
    for row in rows.itertuples():
        root = row.event_id if pd.isna(row.parent_id) else row.parent_id
        cells.setdefault((row.kind, row.start.year), set()).add(root)
    return {cell: len(roots) for cell, roots in cells.items()}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(2019, 2021), st.sampled_from(["a", "b", None]), st.integers(-8, 12)),
        min_size=1,
        max_size=25,
    ),
    st.sampled_from(["pandas", "polars", "duckdb"]),
)
def test_occasions_are_sets_of_roots(rows, engine):
    frame = events(
        *[
            (f"{year}-05-05", kind, f"e{parent}" if parent >= 0 and parent != number else None)
            for number, (year, kind, parent) in enumerate(rows)
        ]
    )
    table = as_pandas(
        rel.exchange_frequency(ENGINES[engine](frame), by="kind", span=("2019", "2021"))
    )
    found = {
        (kind, period.year): count
        for kind, period, count in table[["kind", "period", "count"]].to_numpy()
        if count
    }
    kinds = frame["kind"].astype("object").where(frame["kind"].notna(), None)
    assert found == sets_of_roots(frame.assign(kind=kinds))


@pytest.mark.parametrize(
    ("every", "periods", "first_counts", "total"),
    # The visit of 28 February has its patrol on 1 March: two months, one quarter.
    [("quarter", 10, [1, 0, 0, 1], 4), ("month", 30, [0, 1, 1], 5)],
)
def test_shorter_periods(engine, every, periods, first_counts, total):
    table = as_pandas(rel.exchange_frequency(engine(FIVE), every, span=SPAN))
    assert len(table) == periods
    assert table["count"].tolist()[: len(first_counts)] == first_counts
    assert table["count"].sum() == total
    # Two years and a half, whatever they are cut into.
    assert table["exposure"].sum() == pytest.approx(2 + 181 / 365)


def test_same_kind_of_frame_comes_back(engine):
    frame = engine(FIVE)
    assert type(rel.exchange_frequency(frame, span=SPAN)) is type(frame)


def test_empty_cells_are_a_group(engine):
    mixed = FIVE.assign(mechanism=["a", "a", None, None, None])
    table = as_pandas(
        rel.exchange_frequency(engine(mixed), by="mechanism", count="contacts", span=SPAN)
    )
    counts = (
        table.assign(mechanism=table["mechanism"].fillna("")).groupby("mechanism")["count"].sum()
    )
    assert counts.to_dict() == {"": 3, "a": 2}


def by_kind_and_tier(data):
    return as_pandas(rel.exchange_frequency(data, by=["kind", "tier"]))


def by_quarter(data):
    placed = data.where(precision=["day", "month"])
    return as_pandas(rel.exchange_frequency(placed, "quarter", by="kind"))


@pytest.mark.parametrize("measure", [by_kind_and_tier, by_quarter])
def test_shipped_record_on_every_engine(engine, converted, on_pandas, measure):
    pd.testing.assert_frame_equal(measure(converted(engine)), on_pandas(measure))


def test_a_frame_counts_as_the_dataset_does(data):
    frame = rel.exchange_frequency(data.events, by="kind", span=data.span)
    pd.testing.assert_frame_equal(frame, rel.exchange_frequency(data, by="kind"))


def test_results_say_where_they_are_from(data):
    navy = data.where(channel="naval_joint_patrol", since=2010)
    table = rel.exchange_frequency(navy, count="contacts")
    assert table.attrs["source"] == navy.caption
    assert table.attrs["unit"] == "contacts"
    assert "since 2010-01-01" in table.attrs["choice"]
    assert table.attrs["every"] == "year"
    assert table["period"].min() == pd.Timestamp("2010-01-01")
    assert table["count"].sum() == len(navy.contacts)


def test_every_contact_of_agreements_counts(data):
    """27 agreements were held, most of them as parts of a visit."""
    agreements = data.where(kind="agreement")
    contacts = rel.exchange_frequency(agreements, count="contacts")["count"].sum()
    assert contacts == len(agreements.contacts) == 27
    occasions = agreements.contacts["occasion"].nunique()
    assert rates(agreements)["count"].tolist() == [occasions]


def test_a_filtered_frame_has_no_invented_zeros(data):
    late = data.events[data.events["start"] >= "2010"]
    with pytest.warns(UserWarning, match="2010-01-01 to 2026-12-31, from its first to its last"):
        table = rel.exchange_frequency(late)
    assert table["period"].dt.year.tolist() == list(range(2010, 2027))


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
    table = as_pandas(rel.exchange_frequency(engine(kept), "month", span=SPAN))
    assert table.loc[table["count"] > 0, "period"].dt.strftime("%Y-%m").tolist() == [
        *["2019-02", "2019-03", "2021-01", "2021-06"]
    ]


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


@pytest.fixture
def pair(small):
    """Two other sides; patrols are covered from March 2020 on, all else from 2019."""
    small.replace(
        "datapackage.json",
        '"until": "2021-12-31"}]',
        '"until": "2021-12-31"}, '
        '{"kind": "joint_patrol", "since": "2020-03-01", "until": "2021-06-30"}]',
    )
    return rel.load(small.path)


def test_kinds_covered_differently(pair, engine):
    table = as_pandas(rel.exchange_frequency(pair.convert(engine), by="kind"))
    patrols = table[table["kind"] == "joint_patrol"]
    assert patrols["period"].dt.year.tolist() == [2020, 2021]
    assert patrols["exposure"].tolist() == pytest.approx([306 / 366, 181 / 365])
    assert patrols["count"].tolist() == [0, 1]
    visits = table[table["kind"] == "visit"]
    assert visits["count"].tolist() == [1, 0, 0]
    assert visits["exposure"].tolist() == [1, 1, 1]
    years = as_pandas(rates(pair.convert(engine), "kind")).set_index("kind")["exposure"]
    assert years.to_dict() == pytest.approx(
        {"visit": 3, "meeting": 3, "joint_patrol": 306 / 366 + 181 / 365}
    )
    # Together they are covered from March 2020 on, when the visit was over.
    with pytest.raises(
        ValueError, match=r"of 2019-03 do not fit.*2020-03-01 to 2021-06-30.*count one kind"
    ):
        rel.exchange_frequency(pair.convert(engine))
    whole = as_pandas(rel.exchange_frequency(pair.convert(engine), span=("2019", "2021")))
    assert whole["count"].tolist() == [1, 0, 1]


def test_a_month_that_coverage_cuts_is_inside(pair, small):
    small.replace("datapackage.json", "2021-06-30", "2021-06-15")
    table = rel.exchange_frequency(rel.load(small.path), "month", by="kind")
    assert table[table["kind"] == "joint_patrol"]["count"].tolist() == [0] * 15 + [1]


def test_a_choice_that_leaves_nothing_is_zeros(pair):
    none = pair.where(kind="statement")
    assert rel.exchange_frequency(none)["count"].tolist() == [0, 0]
    empty = rel.exchange_frequency(none, by=["kind", "tier"])
    assert list(empty) == [
        *["kind", "tier", "period", "count", "exposure", "rate", "low", "high", "partial"]
    ]
    assert empty.empty
    assert empty["period"].dtype.kind == "M"
    assert empty["count"].dtype == "int64"
    assert rates(none, "kind").empty
    assert rates(none)["count"].tolist() == [0]
    # Of days that the record does not cover there is no period.
    assert rel.exchange_frequency(pair.where(since=2024)).empty


@pytest.mark.parametrize("name", ["count", "rate", "_rows"])
def test_groups_named_like_a_column_of_the_result_are_refused(name):
    with pytest.raises(ValueError, match="rename yours"):
        rel.exchange_frequency(FIVE.assign(**{name: "x"}), by=name, span=SPAN)


def test_frame_that_states_no_span_is_told_so(engine):
    with pytest.warns(UserWarning, match="does not say what it covers"):
        table = as_pandas(rel.exchange_frequency(engine(FIVE)))
    assert table["count"].tolist() == [2, 0, 2]
    assert table["exposure"].tolist() == [1, 1, 1]
    assert not table["partial"].any()


def test_rows_without_parents_or_ids_are_an_occasion_each(engine):
    for columns in (["parent_id"], ["parent_id", "event_id"]):
        table = as_pandas(rel.exchange_frequency(engine(FIVE.drop(columns=columns)), span=SPAN))
        assert table["count"].tolist() == [3, 0, 2]


def test_parents_without_ids_leave_occasions_open():
    frame = FIVE.drop(columns="event_id")
    with pytest.raises(ValueError, match="parent_id but no event_id"):
        rel.exchange_frequency(frame, span=SPAN)
    assert rel.exchange_frequency(frame, count="contacts", span=SPAN)["count"].sum() == 5


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        (lambda f: f.drop(columns="status"), {}, "needs the column status"),
        (lambda f: f, {"by": "colour"}, "needs the column colour"),
        (lambda f: f, {"every": "week"}, "month, quarter, year"),
        (lambda f: f, {"count": "some"}, "'occasions' or 'contacts'"),
        (lambda f: f, {"status": "dreamt", "span": None}, "status='dreamt' stands nowhere"),
        (lambda f: f, {"status": "disputed", "span": None}, "no contact to count"),
        (lambda f: f.assign(precision="week"), {}, "5 contacts are known less precisely"),
        (lambda f: f.assign(precision="year"), {"every": "month"}, r"data.where\(precision="),
        (lambda f: f.assign(precision=None), {}, "less precisely than to the year"),
        (lambda f: f, {"span": ("2021-01-01", "2019-01-01")}, "before it starts"),
        (lambda f: pd.concat([f, f.iloc[[0]]]), {}, "'e0' stands more than once"),
        (lambda f: f.assign(start=f["start"].astype(str)), {}, "timestamps"),
        (lambda f: f.assign(start=f["start"].where(f.index != 2)), {}, "has no start"),
        (
            lambda f: f.assign(start=f["start"].dt.tz_localize("Asia/Ho_Chi_Minh")),
            {},
            "time zone Asia",
        ),
        (lambda f: f.assign(event_id=[None, *f["event_id"][1:]]), {}, "event_id is empty"),
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
    kept=st.sampled_from(["occasions", "contacts"]),
)
def test_every_contact_is_in_one_period_and_every_day_counts_once(starts, bounds, every, kept):
    """Against a count by hand: one loop over days, one over contacts."""
    since, until = bounds
    rows = [(str(day), "visit", None if i % 3 else "e0") for i, day in enumerate(starts)]
    frame = events(*rows)
    table = rel.exchange_frequency(frame, every, count=kept, span=(since, until))

    length = {"month": 1, "quarter": 3, "year": 12}[every]

    def period(day):
        return datetime.date(day.year, (day.month - 1) // length * length + 1, 1)

    years: dict[datetime.date, float] = {}
    day = since
    while day <= until:
        one = 1 / (366 if calendar.isleap(day.year) else 365)
        years[period(day)] = years.get(period(day), 0) + one
        day += datetime.timedelta(days=1)
    cells = {cell: set() for cell in years}
    for number, (start, _, parent) in enumerate(rows):
        if str(since) <= start <= str(until):
            one = parent if parent and kept == "occasions" else f"e{number}"
            cells[period(datetime.date.fromisoformat(start))].add(one)
    count = {cell: len(ids) for cell, ids in cells.items()}

    assert [stamp.date() for stamp in table["period"]] == list(years)
    assert table["count"].tolist() == list(count.values())
    assert table["exposure"].tolist() == pytest.approx(list(years.values()))
    assert ((table["low"] <= table["rate"]) & (table["rate"] <= table["high"])).all()


def test_rates_are_of_all_days_covered(engine):
    pooled = as_pandas(rates(engine(FIVE), "kind", span=SPAN)).set_index("kind")
    assert pooled.index.tolist() == ["visit", "patrol"]
    assert pooled["count"].tolist() == [3, 2]
    years = 2 + 181 / 365
    assert pooled["exposure"].tolist() == pytest.approx([years, years])
    # Limits of a Poisson mean leave 2.5% on each side.
    for _, row in pooled.iterrows():
        assert poisson.sf(row["count"] - 1, row["low"] * years) == pytest.approx(0.025)
        assert poisson.cdf(row["count"], row["high"] * years) == pytest.approx(0.025)
    with pytest.raises(ValueError, match="needs the column host"):
        rates(engine(FIVE), "host", span=SPAN)


def test_rates_count_contacts_known_to_the_year(data):
    assert (data.events["precision"] == "year").any()
    assert rates(data, count="contacts")["count"].tolist() == [len(data.contacts)]
    with pytest.warns(UserWarning, match="2019-02-28 to 2021-06-30, from its first"):
        table = rates(FIVE)
    assert table["exposure"].tolist() == pytest.approx([307 / 365 + 1 + 181 / 365])


def test_periods_apart_are_those_whose_intervals_do_not_meet(engine):
    frame = events(("2019-05-05", "visit", None), *[("2020-05-05", "visit", None)] * 20)
    apart = as_pandas(periods_apart(engine(frame), span=("2019", "2021")))
    # 1 of a year reaches to 5.6, 20 begin at 12.2, and none reaches to 3.7.
    assert apart["earlier"].dt.year.tolist() == [2019, 2020]
    assert apart["later"].dt.year.tolist() == [2020, 2021]
    assert apart[["rate_earlier", "rate_later"]].values.tolist() == [[1, 20], [20, 0]]
    assert as_pandas(periods_apart(engine(frame), span=("2020", "2020"))).empty

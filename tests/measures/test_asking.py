"""What most measures share: the question, contacts once each, and the days covered."""

import dataclasses
import inspect

import numpy as np
import pandas as pd
import pytest
from conftest import as_pandas

import relations as rel
from relations.measures import _asking
from relations.record import _periods

THREE = pd.DataFrame(
    {
        "event_id": ["e1", "e2", "e3"],
        "start": pd.to_datetime(["2020-01-01", "2020-02-01", "2019-05-31"]),
        "precision": ["year", "month", "day"],
        "status": "held",
    }
)
# A visit (e0) with two parts on the next day, and a part of a visit that is not there.
PARTS = pd.DataFrame(
    {
        "event_id": ["e2", "e1", "e0", "e3"],
        "parent_id": ["e0", "e0", None, "gone"],
        "kind": ["call", "call", "visit", "call"],
        "start": pd.to_datetime(["2020-01-03", "2020-01-02", "2020-01-01", "2020-01-04"]),
        "precision": "day",
        "status": "held",
    }
)


@pytest.fixture
def pair(small):
    return rel.load(small.path)


def ask(frame, by=(), **how):
    return _asking.ask(frame, "a measure", ["start", "precision"], by, **how)


def test_contacts_come_in_order_of_time_with_their_latest_day(engine):
    found = _asking.contacts_of(ask(engine(THREE)))
    assert found["event_id"].tolist() == ["e3", "e1", "e2"]
    assert found["latest"].dt.strftime("%Y-%m-%d").tolist() == [
        "2019-05-31",
        "2020-12-31",
        "2020-02-29",
    ]


def test_an_occasion_is_its_whole_or_else_its_first_part(engine):
    assert _asking.contacts_of(ask(engine(PARTS)))["event_id"].tolist() == ["e0", "e3"]
    by_kind = _asking.contacts_of(ask(engine(PARTS), "kind"))
    assert by_kind["event_id"].tolist() == ["e0", "e1", "e3"]
    calls = engine(PARTS[PARTS["kind"] == "call"])
    assert _asking.contacts_of(ask(calls))["event_id"].tolist() == ["e1", "e3"]
    every = _asking.contacts_of(ask(engine(PARTS), count="contacts"))
    assert every["event_id"].tolist() == ["e0", "e1", "e2", "e3"]
    # What the frame itself calls an occasion goes before the parent.
    nested = engine(PARTS.assign(occasion="e0"))
    assert _asking.contacts_of(ask(nested))["event_id"].tolist() == ["e0"]


def test_contacts_without_ids_are_occasions_each(engine):
    frame = engine(PARTS.drop(columns=["event_id", "parent_id"]))
    assert len(_asking.contacts_of(ask(frame))) == 4
    with pytest.raises(ValueError, match="parent_id but no event_id"):
        ask(engine(PARTS.drop(columns="event_id")))
    assert len(_asking.contacts_of(ask(PARTS.drop(columns="event_id"), count="contacts"))) == 4


def test_a_dataset_is_asked_by_any_column_of_its_contacts(pair, engine):
    made = pair.convert(engine)
    found = _asking.contacts_of(ask(made, ["tier", "channel", "kind"], count="contacts"))
    assert found["tier"].tolist() == ["minister", "minister", "unnamed"]
    assert found["kind"].tolist() == ["visit", "meeting", "joint_patrol"]
    assert found["channel"].isna().tolist() == [True, True, False]
    with pytest.raises(ValueError, match=r"by=.colour. is no column of data\.events"):
        ask(made, "colour")
    with pytest.raises(ValueError, match="rename yours"):
        ask(made, "kind", taken=["kind"])


def test_the_status_asked_for_is_that_given_chosen_or_held(pair):
    def ids(data, status=None):
        found = _asking.contacts_of(ask(data, count="contacts", status=status))
        return found["event_id"].str[:10].tolist()

    assert ids(pair) == ["2019-03-01", "2019-03-02", "2021-06-pa"]
    assert ids(pair.where(status="announced")) == ["2022-01-10"]
    assert ids(pair, "announced") == ["2022-01-10"]
    assert len(ids(pair, ["held", "announced"])) == 4


def test_the_same_kind_of_frame_comes_back_and_says_where_it_is_from(pair, engine):
    question = ask(pair.where(kind="visit").convert(engine))
    table = pd.DataFrame({"name": ["a", None], "number": [1, 2]})
    answer = question.answer(table)
    assert type(answer) is type(engine(table))
    assert as_pandas(answer).values.tolist() == [["a", 1], [None, 2]]
    plain = ask(pair.where(kind="visit")).answer(table)
    assert plain.attrs["unit"] == "occasions"
    assert plain.attrs["choice"] == "kind visit"
    assert plain.attrs["source"].startswith("Small tables 1")
    assert plain.attrs["names"]["AA"] == "Aland"
    assert ask(THREE).answer(table).attrs["source"] == ""


def test_covered_is_what_is_given_known_or_seen(pair, engine):
    question = ask(engine(THREE))
    found = _asking.contacts_of(question)

    def days(*arguments):
        return [f"{day:%Y-%m-%d}" for day in _asking.covered_span(*arguments)]

    assert days(question, found, ("2018", "2019-03")) == ["2018-01-01", "2019-03-31"]
    with pytest.warns(UserWarning, match="2019-05-31 to 2020-12-31, from its first to its last"):
        assert days(question, found, None) == ["2019-05-31", "2020-12-31"]
    with pytest.warns(UserWarning, match="does not say what it covers"):
        assert days(question, found, None, "year") == ["2019-01-01", "2020-12-31"]
    with pytest.warns(UserWarning, match="does not say what it covers"):
        assert days(question, found.head(1), None, "quarter") == ["2019-04-01", "2019-06-30"]
    with pytest.raises(ValueError, match="no contact to count"):
        days(question, found.head(0), None)
    whole = ask(pair.convert(engine))
    assert days(whole, _asking.contacts_of(whole), None) == ["2019-01-01", "2021-12-31"]
    assert days(whole, found, ("2020", "2020")) == ["2020-01-01", "2020-12-31"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.assign(start=[pd.NaT, *f["start"][1:]]), "has no start"),
        (lambda f: f.assign(precision="week"), "precision 'week' is not known"),
        (lambda f: f.assign(precision=[None, "day", "day"]), "is not known"),
        (lambda f: f.assign(start=f["start"].astype(str)), "needs timestamps in start"),
        (lambda f: f.drop(columns="start"), "needs the column start"),
        (lambda f: pd.concat([f, f]), "'e1' stands more than once"),
    ],
)
def test_contacts_without_a_place_in_time_are_refused(change, words):
    with pytest.raises(ValueError, match=f"{words}"):
        _asking.contacts_of(ask(change(THREE)))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Ho_Chi_Minh", "Etc/GMT+7", "+07:00"])
def test_a_time_zone_is_refused_whatever_its_name(zone):
    import polars as pl

    zoned = THREE.assign(start=THREE["start"].dt.tz_localize(zone))
    arrow = zoned.convert_dtypes(dtype_backend="pyarrow")
    frames = [zoned, arrow, zoned.astype({"start": "object"})]
    if zone != "+07:00":
        frames.append(pl.from_pandas(zoned))
    for frame in frames:
        with pytest.raises(ValueError, match=r"start has the time zone .*take it off first"):
            ask(frame)


def test_a_key_that_repeats_or_is_empty_is_refused():
    import polars as pl

    for make in (pd.DataFrame, pl.DataFrame):
        _asking.refuse_repeats(make({"key": ["a", "b"]}), "key")
        with pytest.raises(ValueError, match="key 'b' stands more than once"):
            _asking.refuse_repeats(make({"key": ["a", "b", "b"]}), "key")
        with pytest.raises(ValueError, match="key is empty"):
            _asking.refuse_repeats(make({"key": ["a", None, None]}), "key")


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        (("2019", "2020"), "2019-01-01", "2020-12-31"),
        ((2019, 2020), "2019-01-01", "2020-12-31"),
        (("2019-02", "2020-02"), "2019-02-01", "2020-02-29"),
        ((pd.Timestamp("2019-03-01 15:00"), "2019-03-01"), "2019-03-01", "2019-03-01"),
    ],
)
def test_a_span_ends_with_the_last_day_that_it_names(span, first, last):
    assert [f"{day:%Y-%m-%d}" for day in _periods.span_of(span)] == [first, last]


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (("2020-01-01", "2019-12-31"), "before it starts on 2020-01-01"),
        (("2020-01-01", None), "give a day, a month or a year"),
        (("01/02/2019", "2020"), "cannot be told apart"),
        ("2019", "first and its last day"),
        (("2019",), "first and its last day"),
        ((pd.Timestamp("2019-01-01", tz="Asia/Ho_Chi_Minh"), "2020"), "has a time zone"),
    ],
)
def test_a_span_that_is_none_is_refused(span, words):
    with pytest.raises(ValueError, match=words):
        _periods.span_of(span)


@pytest.mark.parametrize(
    ("number", "words"), [(1, "1 contact is .*: it cannot"), (2, "2 contacts are .*: they cannot")]
)
def test_one_contact_is_and_two_are(number, words):
    with pytest.raises(ValueError, match=words) as refused:
        raise _periods.too_coarse_error(number, "month")
    assert "data.where(precision=['day', 'month'])" in str(refused.value)


def test_numbers_and_truth_values_are_what_they_are_said_to_be():
    sound = pd.DataFrame({"n": pd.array([1, 2], dtype="Int64"), "b": pd.array([True, False])})
    assert _asking.require_numbers(sound, ["n"], "a measure")["n"].tolist() == [1.0, 2.0]
    assert _asking.require_booleans(sound, ["b"], "a measure")["b"].dtype == "bool"
    for values in ([1, None], [1, "two"], [1, float("nan")]):
        frame = pd.DataFrame({"n": pd.Series(values, dtype="object")})
        with pytest.raises(ValueError, match=r"n is .* in row 1, where a number is needed"):
            _asking.require_numbers(frame, ["n"], "a measure")
    for values in ([True, None], [True, "False"]):
        frame = pd.DataFrame({"b": pd.Series(values, dtype="object")})
        with pytest.raises(ValueError, match=r"b is .* in row 1; say true or false"):
            _asking.require_booleans(frame, ["b"], "a measure")


def test_lists_of_evidence_are_sorted_and_hold_no_semicolon():
    assert _asking.join_ids(["b", "a", "b"]) == "a;b"
    for ids in (["a;b"], [None], [""]):
        with pytest.raises(ValueError, match="cannot stand in a list of evidence"):
            _asking.join_ids(ids)


def test_a_column_that_stands_twice_is_named(pair):
    twice = pd.concat([pair.events, pair.events[["kind"]]], axis=1)
    with pytest.raises(ValueError, match="unique column names, got:\n- 'kind' 2 times"):
        rel.exchange_frequency(twice, span=("2019", "2021"))


def test_a_frame_that_was_changed_is_counted_as_it_stands(pair):
    """Frames are the caller's own: neither tiers nor the caption speak of what was there before."""
    assert rel.ranks.tiers(pair).set_index("tier").loc["minister", "count"] == 1
    assert ": 3 sources" in pair.caption
    pair.participants["role"] = "member"
    pair.reports.loc[:, "source_id"] = "s1"
    assert rel.ranks.tiers(pair).set_index("tier").loc["minister", "count"] == 0
    assert ": 1 source," in pair.caption


@pytest.mark.parametrize("measure", [rel.exchange_frequency, rel.ranks.tiers])
def test_a_status_that_stands_nowhere_is_no_series_of_zeros(pair, measure):
    with pytest.raises(ValueError, match="status='hald' stands nowhere in the record; near are"):
        measure(pair, status="hald")


def test_a_status_of_ones_own_frame_is_counted(pair):
    ours = pair.events.assign(status="dreamt")
    table = rel.exchange_frequency(ours, status="dreamt", span=("2019", "2022"))
    assert table["count"].sum() == 3
    with pytest.raises(ValueError, match="status='dreamed' stands nowhere"):
        rel.exchange_frequency(ours, status="dreamed", span=("2019", "2022"))


def test_arguments_of_another_kind_are_refused_in_a_sentence(pair):
    assert len(rel.exchange_frequency(pair.events, span=np.array(["2019", "2021"]))) == 3
    with pytest.raises(ValueError, match="span=2010: give its first and its last day"):
        rel.exchange_frequency(pair.events, span=2010)
    with pytest.raises(ValueError, match="by=5: give the name of a column"):
        rel.exchange_frequency(pair, by=5)


def test_days_of_two_time_zones_in_one_column_are_refused_in_a_sentence():
    days = [pd.Timestamp("2020-01-01", tz=zone) for zone in ("UTC", "Asia/Ho_Chi_Minh", "UTC")]
    mixed = THREE.assign(start=pd.Series(days, dtype="object"))
    with pytest.raises(ValueError, match="start has the time zone UTC, and days differ") as said:
        rel.exchange_frequency(mixed, span=("2019", "2020"))
    remedy = str(said.value).partition("for instance with ")[2]
    assert eval(remedy, {"frame": mixed}).tolist() == [pd.Timestamp("2020-01-01")] * 3


@pytest.mark.parametrize("measure", [rel.coverage.contradictions, rel.coverage.editions])
def test_lists_say_where_they_come_from(pair, measure):
    assert measure(pair).attrs["source"] == pair.caption


# Tests and models: of no contact they have nothing to say.
NEED_CONTACTS = {
    "activity", "smallest_explanation", "seasons", "breadth_trend", "break_numbers",
    "break_posterior", "descriptions", "fitted", "phase_rates", "index_sensitivity",
    "scheme_agreement",
}  # fmt: skip


def measures_of_a_dataset():
    """All that take a Dataset and need nothing else."""
    for module in (
        rel.exchanges, rel.areas, rel.ranks, rel.channels, rel.pledges, rel.coverage,
        rel.trajectory,
    ):  # fmt: skip
        for name in module.__all__:
            function = getattr(module, name)
            if callable(function):
                first, *rest = inspect.signature(function).parameters.values()
                asked = [each for each in rest if each.default is inspect.Parameter.empty]
                if first.name == "data" and not asked:
                    yield pytest.param(function, id=name)


@pytest.mark.parametrize("measure", list(measures_of_a_dataset()))
def test_choice_of_nothing_gives_no_row_and_no_traceback(measure, data):
    """Counts are 0, lists and estimates empty and typed; a test says that it needs contacts."""
    nothing = data.where(kind="visit", since="2000-01-01", until="2000-06-30")
    assert nothing.events.empty
    if measure.__name__ in NEED_CONTACTS:
        with pytest.raises(ValueError, match=r"no contact|too few|at least two"):
            measure(nothing)
        return
    found = measure(nothing)
    if found.empty:
        whole = measure(data)
        assert list(found) == list(whole)
        for column in whole:
            number = pd.api.types.is_numeric_dtype
            assert number(found[column]) == number(whole[column]), column
            assert (found[column].dtype == "object") == (whole[column].dtype == "object"), column


@pytest.mark.parametrize("column", ["place", "province", "country", "areas"])
def test_a_contact_counts_under_each_of_the_values_that_its_cell_lists(data, column):
    """As a count by hand of the cells taken apart has it."""
    flat = data.contacts.assign(year=data.contacts["start"].dt.year)
    flat[column] = flat[column].str.split(";")
    apart = flat.explode(column)
    expected = apart.groupby([column, "year"])["occasion"].nunique()
    counts = rel.exchange_frequency(data, by=column, evidence=True)
    counts["year"] = counts["period"].dt.year
    found = counts[counts[column].notna() & (counts["count"] > 0)].set_index([column, "year"])
    assert found["count"].sort_index().to_dict() == expected.to_dict()
    ids = counts["evidence"].fillna("").map(lambda cell: len([e for e in cell.split(";") if e]))
    assert ids.equals(counts["count"])
    rates = rel.exchanges.rates(data, by=column).dropna(subset=column).set_index(column)["count"]
    assert rates.to_dict() == apart.groupby(column)["occasion"].nunique().to_dict()
    witnessed = rel.coverage.undercount(data, by=column).dropna(subset=column)
    assert set(witnessed[column]) == set(apart[column].dropna())


def test_one_province_is_counted_as_it_is_chosen(data):
    counts = rel.exchanges.rates(data, by="province").set_index("province")["count"]
    for province in ("Guangxi", "Cao Bang", "Quang Ninh"):
        assert counts[province] == rel.exchanges.rates(data.where(place=province))["count"].item()


STATUS = [
    rel.exchange_frequency, rel.cooperation_area_counts, rel.exchanges.gaps, rel.coverage.lists,
    rel.coverage.both_sides, rel.coverage.reported_by, rel.coverage.sources_by_year,
    rel.coverage.undercount, rel.ranks.guests, rel.ranks.tiers, rel.areas.talk_to_deed,
]  # fmt: skip


@pytest.mark.parametrize("measure", STATUS, ids=lambda measure: measure.__name__)
def test_a_status_is_known_or_refused_and_none_of_them_is_nothing(measure, data):
    for status in ("helt", ["held", "helt"], [None]):
        with pytest.raises(ValueError, match=r"status=.* stands nowhere"):
            measure(data, status=status)
    one = measure(data, status="held")
    pd.testing.assert_frame_equal(one, measure(data, status=["held"]))
    none, chosen = measure(data, status=[]), measure(data.where(status=[]))
    pd.testing.assert_frame_equal(none, chosen, check_dtype=False)


@pytest.mark.parametrize("measure", list(measures_of_a_dataset()))
def test_a_frame_is_no_dataset_and_a_period_is_one_of_three(measure, data):
    takes_frames = (TypeError, ValueError)
    with pytest.raises(takes_frames, match=r"Dataset|needs the column|frame|stand"):
        measure(data.sides)
    if "every" in inspect.signature(measure).parameters:
        with pytest.raises(ValueError, match="every='week': use one of month, quarter, year"):
            measure(data, every="week")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: rel.areas.talk_to_deed(d, deed="finished"), "deed='finished' stands nowhere"),
        (lambda d: rel.areas.time_to_deed(d, talk="xx"), "talk='xx' stands nowhere"),
        (lambda d: rel.ranks.counterparts(d, roles="xx"), "roles='xx' stands nowhere"),
        (lambda d: rel.ranks.guests(d, offices="xx"), "offices='xx' stands nowhere"),
        (lambda d: rel.ranks.guests(d, levels=[12]), "levels=12 stands nowhere"),
        (lambda d: rel.channels.contact_places(d, near=-1), "near=-1"),
        (lambda d: rel.channels.contact_places(d, near=float("nan")), "near=nan"),
        (lambda d: rel.coverage.activity(d, by="province"), "a contact may have several"),
        (lambda d: rel.exchanges.before_after(d, [None]), "dates=None"),
        (lambda d: rel.cooperation_area_counts(d, by="precision"), "choose its values with where"),
    ],
)
def test_words_that_nothing_stands_for_are_refused(data, call, message):
    with pytest.raises(ValueError, match=message):
        call(data)


def test_one_year_is_as_good_as_a_list_of_it(data):
    for call in (
        lambda years: rel.exchanges.before_after(data, years),
        lambda years: rel.trajectory.phase_rates(data, years),
        lambda years: rel.trajectory.rise(data, starts=years),
        lambda years: rel.exchanges.multilateral(data, starts=years),
    ):
        for one in (2015, np.int64(2015), "2015", np.array([2015])):
            pd.testing.assert_frame_equal(call(one), call([2015]))


@pytest.mark.parametrize("days", [{"until": 1990}, {"since": 2050}])
def test_choices_without_a_day_have_no_traceback(data, days):
    nothing = data.where(**days)
    assert "no day" in nothing.caption
    assert rel.exchanges.multilateral(nothing).empty
    for measure in (rel.trajectory.rise, rel.trajectory.rate_ratios):
        with pytest.raises(ValueError, match="no day is"):
            measure(nothing, starts=[2000, 2010])
    assert rel.explore(nothing).shown["contacts"] == []


TEXTS = {
    "offices": ("office_level", rel.ranks.tiers, rel.ranks.head_gap, rel.ranks.heads),
    "places": ("lat", rel.channels.contact_places),
    "ranks": ("level_by_place", rel.rank_levels),
    "mechanisms": ("interval_months", rel.channels.intervals),
}


@pytest.mark.parametrize("table", TEXTS)
@pytest.mark.parametrize("cell", ["four", "", float("inf")])
def test_text_where_a_number_is_needed_is_named(data, table, cell):
    column, *measures = TEXTS[table]
    frame = getattr(data, table)
    texts = (
        frame[column].astype("object").where(frame.index != frame[column].first_valid_index(), cell)
    )
    changed = dataclasses.replace(data, **{table: frame.assign(**{column: texts})})
    for measure in measures:
        with pytest.raises(ValueError, match=f"{column} is .* in row .*, where a number is needed"):
            measure(changed)


@pytest.mark.parametrize("table", TEXTS)
def test_numbers_written_as_text_are_numbers(data, table):
    column, *measures = TEXTS[table]
    frame = getattr(data, table)
    texts = frame[column].map(lambda number: None if pd.isna(number) else f"{number:g}")
    changed = dataclasses.replace(data, **{table: frame.assign(**{column: texts})})
    for measure in measures:
        pd.testing.assert_frame_equal(measure(changed), measure(data), check_dtype=False)


def test_days_that_are_text_are_refused(data):
    for table, column, measure in (
        ("events", "end", lambda d: d.contacts),
        ("appointments", "since", rel.ranks.turnover),
        ("promotions", "since", rel.rank_levels),
        ("context", "start", rel.trajectory.turning_points),
    ):
        frame = getattr(data, table)
        written = frame.assign(**{column: frame[column].astype(str)})
        with pytest.raises(ValueError, match=f"needs timestamps in {column}"):
            measure(dataclasses.replace(data, **{table: written}))

"""Every public measure works on tables about another pair of sides, as it stands."""

import inspect

import pandas as pd
import pytest

import relations as rel


@pytest.fixture
def pair(small) -> rel.Dataset:
    """Eleven contacts of sides AA and BB in ten years, and nothing of the shipped tables."""
    small.replace("datapackage.json", "2019-01-01", "2012-01-01")
    small.replace("datapackage.json", "2021-12-31", "2024-12-31")
    small.append("area_mentions", "2019-03-01-visit,s1,patrol,AA,proposed")
    for year in range(2012, 2019):
        day = f"{year}-05-0{year % 7 + 1}"
        small.append("events", f"{day}-call,{day},,meeting,,none,phone,,held,Call,,")
        small.append("sources", f"t{year},Aland News,AA,en,news,{day},Call,https://t.org/{year},,")
        small.append("reports", f"{day}-call,t{year},{day},,printed,true,")
    return rel.load(small.path)


def frequency(data):
    return rel.exchange_frequency(data.events, every="year")


def heads(data):
    return rel.delegation_levels(rel.rank_levels(data))


def lists(data):
    return rel.two_lists(data)


def own(data):
    return ["AA", "BB"]


CALLS = {
    "area_breadth": lambda d: rel.area_breadth(d.area_mentions, d.events, floor=2),
    "area_cooccurrence": lambda d: rel.area_cooccurrence(d.area_mentions),
    "area_persistence": lambda d: rel.area_persistence(d.area_mentions, d.events),
    "area_shares": lambda d: rel.area_shares(d.area_mentions, d.events),
    "areas_of": lambda d: rel.areas_of(d, "2019-03-01-visit"),
    "around": lambda d: rel.around(d.events, d.context, window=60),
    "break_uncertainty": lambda d: rel.break_uncertainty(frequency(d), draws=50),
    "cadence": lambda d: rel.cadence(d),
    "centralities": lambda d: rel.centralities(rel.meeting_network(d)),
    "coder_agreement": lambda d: rel.coder_agreement(d.second_coding),
    "contact_gaps": lambda d: rel.contact_gaps(d.events),
    "contradiction_shares": lambda d: rel.contradiction_shares(d),
    "contradictions": lambda d: rel.contradictions(d, "date"),
    "contradictions_of": lambda d: rel.contradictions_of(d, "2019-03-01-visit"),
    "cooperation_area_counts": lambda d: rel.cooperation_area_counts(d.area_mentions, by="side"),
    "counterparts": lambda d: rel.counterparts(d, ["aa-minister", "bb-minister"]),
    "delegation_levels": heads,
    "edition_places": lambda d: rel.edition_places(d, "gulf_patrol"),
    "engagement_index": lambda d: rel.engagement_index(d.events),
    "exchange_frequency": frequency,
    "first_mentions": lambda d: rel.first_mentions(d.area_mentions, d.events),
    "follow_through": lambda d: rel.follow_through(d, by="side"),
    "hosting": lambda d: rel.hosting(d.events),
    "hosting_alternation": lambda d: rel.hosting_alternation(d.events, by=()),
    "index_sensitivity": lambda d: rel.index_sensitivity(d.events, draws=50),
    "lead_lag": lambda d: rel.lead_lag(
        d.events, "visit", "joint_patrol", lags=(1,), permutations=99
    ),
    "level_summary": lambda d: rel.level_summary(heads(d), d.events),
    "mechanism_timeline": lambda d: rel.mechanism_timeline(d),
    "median_time_to_fulfilment": lambda d: rel.median_time_to_fulfilment(rel.time_to_fulfilment(d)),
    "meeting_network": lambda d: rel.meeting_network(d),
    "multilateral_share": lambda d: rel.multilateral_share(d.events, ["gulf_patrol"]),
    "numbering": lambda d: rel.numbering(d, "gulf_patrol"),
    "office_turnover": lambda d: rel.office_turnover(d, ["aa-minister", "bb-minister"]),
    "one_sided": lambda d: rel.one_sided(lists(d)),
    "parity": lambda d: rel.parity(heads(d), d.events),
    "parity_by": lambda d: rel.parity_by(rel.parity(heads(d), d.events)),
    "periods_apart": lambda d: rel.periods_apart(frequency(d)),
    "pooled_rates": lambda d: rel.pooled_rates(
        rel.exchange_frequency(d.events, by="kind", parts="keep"), "kind"
    ),
    "phases": lambda d: rel.phases(frequency(d)),
    "phases_of_sources": lambda d: rel.phases_of_sources(d),
    "rank_levels": lambda d: rel.rank_levels(d),
    "reports_of": lambda d: rel.reports_of(d, "2019-03-01-visit"),
    "scheme_agreement": lambda d: rel.scheme_agreement(rel.index_sensitivity(d.events, draws=50)),
    "seasonality": lambda d: rel.seasonality(d.events),
    "select_events": lambda d: rel.select_events(d, reported_by=["AA"]),
    "side_emphasis": lambda d: rel.side_emphasis(d.area_mentions, own(d)),
    "sources_per_year": lambda d: rel.sources_per_year(d),
    "steps_or_growth": lambda d: rel.steps_or_growth(frequency(d), rel.phases(frequency(d))),
    "talk_to_deed": lambda d: rel.talk_to_deed(d.area_mentions, d.events),
    "time_to_deed": lambda d: rel.time_to_deed(rel.talk_to_deed(d.area_mentions, d.events)),
    "time_to_fulfilment": lambda d: rel.time_to_fulfilment(d),
    "trace": lambda d: rel.trace(d, rel.exchange_frequency(d.events, evidence=True)),
    "two_lists": lists,
    "undercount": lambda d: rel.undercount(lists(d)),
    "undercount_sensitivity": lambda d: rel.undercount_sensitivity(lists(d)),
}
NO_MEASURES = {
    "DataError", "Dataset", "Violation",
    "check", "cite", "codebook", "compare", "explore", "load",
}  # fmt: skip


def test_no_measure_is_forgotten():
    public = {name for name in dir(rel) if not inspect.ismodule(getattr(rel, name))}
    assert set(CALLS) == public - NO_MEASURES


@pytest.mark.parametrize("name", sorted(CALLS))
def test_measure_knows_no_side_by_name(pair, name):
    found = CALLS[name](pair)
    assert isinstance(found, pd.DataFrame)
    text = found.to_csv()
    assert "CN" not in text
    assert "VN" not in text
    assert list(found.columns)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_measure_is_annotated_and_explained(name):
    function = getattr(rel, name)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(
        each.annotation is not inspect.Parameter.empty for each in signature.parameters.values()
    )
    page = function.__doc__
    for part in ("Parameters", "Returns", "Examples", ">>>"):
        assert part in page, part

"""Every public measure works on tables about another pair of sides, as it stands."""

import inspect
import warnings

import pandas as pd
import pytest
from conftest import write_small

import relations as rel
from relations.measures import areas, channels, coverage, exchanges, pledges, ranks, trajectory

MODULES = (areas, channels, coverage, exchanges, pledges, ranks, trajectory)


@pytest.fixture(scope="module")
def pair(tmp_path_factory) -> rel.Dataset:
    """Sixteen contacts of sides AA and BB in thirteen years, and nothing of the shipped tables."""
    small = write_small(tmp_path_factory.mktemp("pair") / "small")
    small.replace("datapackage.json", "2019-01-01", "2012-01-01")
    small.replace("datapackage.json", "2021-12-31", "2024-12-31")
    small.append("area_mentions", "2019-03-01-visit,s1,patrol,AA,proposed")
    small.replace("context", "The wind turned,,", "The wind turned,Storm,turning_point;crisis")
    for year in range(2012, 2024):
        day = f"{year}-05-0{year % 7 + 1}"
        small.append("events", f"{day}-call,{day},,meeting,,none,phone,,held,Call,,")
        small.append("sources", f"t{year},Aland News,AA,en,news,{day},Call,https://t.org/{year},,")
        small.append("reports", f"{day}-call,t{year},{day},,printed,true,")
    return rel.load(small.path)


def days(data):
    return data.contacts["start"]


# Arguments beside the Dataset; what takes something else first has a call of its own.
ARGUMENTS = {
    "areas.breadth": {"floor": 2},
    "areas.breadth_trend": {"floor": 2},
    "channels.numbering": {"channel": "gulf_patrol"},
    "channels.places": {"channel": "gulf_patrol"},
    "exchanges.turns": {"by": ()},
    "pledges.promises": {"event_id": "2019-03-01-visit"},
    "ranks.guests": {"levels": [5]},
    "trajectory.rate_ratios": {"starts": [2012, 2016]},
    "trajectory.rise": {"starts": [2012, 2016]},
    "trajectory.index_sensitivity": {"draws": 50},
    "trajectory.lead_lag": {
        "first": "visit", "second": "joint_patrol", "lags": (1,), "permutations": 99,
    },
    "trajectory.phase_rates": {"starts": [2012, 2016]},
    "trajectory.descriptions": {"refits": 19},
    "trajectory.fitted": {"refits": 19},
}  # fmt: skip
CALLS = {
    "coverage.beside_benchmark": lambda d: coverage.beside_benchmark(
        d, "others", d.where(kind="visit")
    ),
    "coverage.with_error": lambda d: coverage.with_error(
        d, lambda data: float(len(data.contacts)), redraws=5
    ),
    "exchanges.before_after_test": lambda d: exchanges.before_after_test(
        days(d), d.context["start"], d.span, draws=50
    ),
    "exchanges.gap_interval": lambda d: pd.DataFrame([exchanges.gap_interval(days(d), draws=50)]),
    "exchanges.season_test": lambda d: pd.DataFrame([exchanges.season_test(days(d), draws=50)]),
    "exchanges.silence_test": lambda d: pd.DataFrame(
        [exchanges.silence_test(days(d), d.span, draws=50)]
    ),
    "exchanges.pooled_rates": lambda d: exchanges.pooled_rates([3, 0, 5], [1.0, 2.0, 3.0]),
    "trajectory.block_means": lambda d: trajectory.block_means(trajectory.summit_and_base(d)),
}
NAMES = sorted(
    f"{module.__name__.rpartition('.')[2]}.{name}"
    for module in MODULES
    for name in module.__all__
    if callable(getattr(module, name))
)


def function_of(name):
    module, _, function = name.partition(".")
    return getattr(getattr(rel, module), function)


# What two handfuls of contacts cannot carry says so.
TOO_FEW = {
    "areas.breadth_trend", "coverage.measured_dependence",
    "coverage.activity", "coverage.smallest_explanation",
}  # fmt: skip


def test_every_name_with_arguments_is_public():
    assert {*ARGUMENTS, *CALLS, *TOO_FEW} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_measure_knows_no_side_by_name(pair, name):
    function = function_of(name)
    call = CALLS.get(name, lambda data: function(data, **ARGUMENTS.get(name, {})))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = call(pair)
        except ValueError as refusal:
            assert name in TOO_FEW, refusal
            return
    assert isinstance(found, pd.DataFrame)
    text = found.to_csv()
    assert "CN" not in text
    assert "VN" not in text
    assert list(found.columns)


@pytest.mark.parametrize(
    "name", [*NAMES, "trace", "timeline", "vignette", "explore", "reading.references"]
)
def test_measure_is_annotated_and_explained(name):
    function = function_of(name) if "." in name else getattr(rel, name)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(
        each.annotation is not inspect.Parameter.empty for each in signature.parameters.values()
    )
    page = function.__doc__
    for part in ("Parameters", "Returns", "Examples", ">>>"):
        assert part in page, part


def test_nothing_in_the_library_names_the_two_countries():
    """Sides, seas and ids of the shipped record stand in its tables, never in the code."""
    from pathlib import Path

    names = ("china", "vietnam", "hanoi", "beijing", "oil-rig", '"CN"', '"VN"')
    for path in Path(rel.__file__).parent.rglob("*.py"):
        code = "\n".join(
            line
            for line in path.read_text("utf-8").splitlines()
            if not line.lstrip().startswith(("#", ">>>", "..."))
        )
        without_docstrings = code.split('"""')[::2]
        for part in without_docstrings:
            for name in names:
                assert name not in part.casefold().replace("china-vietnam-relations", ""), (
                    path,
                    name,
                )

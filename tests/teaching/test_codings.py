"""Codings of a class: what cannot be compared is named, the rest compared as the measure does."""

import pandas as pd
import pytest

import relations as rel

CLASS = pd.DataFrame(
    [
        ("one", "s1", "visit", "held", "hotline;patrol"),
        ("one", "s2", "joint_patrol", "held", ""),
        ("one", "s3", "visit", "announced", "patrol"),
        ("two", "s1", "meeting", "held", "hotline"),
        ("two", "s2", "joint_patrol", "held", ""),
        ("two", "s3", "visit", "announced", "patrol"),
        ("three", "s1", "visit", "held", "hotline;patrol"),
    ],
    columns=["coder", "source_id", "kind", "status", "areas"],
)


def test_codings_are_compared_as_the_measure_compares_them(pair):
    assert rel.teaching.check_codings(CLASS, pair).right
    found = rel.teaching.agreement(CLASS, against="one")
    assert found["coder"].tolist() == ["two"] * 3 + ["three"] * 3
    assert found["reports"].tolist() == [3, 3, 3, 1, 1, 1]
    long = CLASS.melt(["coder", "source_id"], var_name="field")
    long["event_id"] = long["source_id"]
    first, second = (long[long["coder"] == name].reset_index(drop=True) for name in ("one", "two"))
    expected = rel.coverage.agreement(first.assign(first=first["value"], second=second["value"]))
    two = found[found["coder"] == "two"].drop(columns="coder").reset_index(drop=True)
    pd.testing.assert_frame_equal(two, expected)
    # Kind by hand: three units, one differs, values visit 3, meeting 1, patrol 2 of 6.
    # Observed 1/3; expected 1 - (3*2 + 1*0 + 2*1) / (6*5) = 22/30.
    assert two.loc[two["field"] == "kind", "alpha"].item() == pytest.approx(1 - (1 / 3) / (22 / 30))


def test_agreement_needs_a_coder_of_the_class():
    with pytest.raises(ValueError, match="against='four' is no coder; they are one, two, three"):
        rel.teaching.agreement(CLASS, against="four")
    with pytest.raises(ValueError, match="needs the column source_id"):
        rel.teaching.agreement(CLASS.drop(columns="source_id"), against="one")
    assert rel.teaching.agreement(CLASS.head(0), against="").empty


@pytest.mark.parametrize(
    ("row", "column", "value", "named"),
    [
        (0, "kind", "trip", "one, s1: kind 'trip' is not one of the codebook's"),
        (0, "kind", None, "one, s1: kind is empty"),
        (3, "status", "maybe", "two, s1: status 'maybe'"),
        (0, "areas", "hotline;cooking", "one, s1: areas 'cooking'"),
        (0, "source_id", "s9", "one, s9: source_id 's9' is not in data.sources"),
        (4, "source_id", "s1", "two, s1: coded twice by one coder"),
        (0, "coder", "", "coder is empty"),
    ],
)
def test_codings_that_cannot_be_compared_are_named(pair, row, column, value, named):
    codings = CLASS.astype("object").copy()
    codings.loc[row, column] = value
    messages = rel.teaching.check_codings(codings, pair).messages
    assert len(messages) == 1
    assert named in messages[0]


def test_codings_without_rows_columns_or_a_second_coder_are_told_so(pair):
    assert "no codings yet" in rel.teaching.check_codings(CLASS.head(0), pair).messages[0]
    lacking = rel.teaching.check_codings(CLASS.drop(columns="coder"), pair)
    assert "the column coder is missing" in lacking.messages[0]
    keys = rel.teaching.check_codings(CLASS[["coder", "source_id"]], pair)
    assert "the column one of kind, status, areas is missing" in keys.messages[0]
    assert "agreement needs two" in rel.teaching.check_codings(CLASS.head(3), pair).messages[0]


def test_codings_of_the_record_are_those_of_two_coders(pair):
    found = rel.teaching.as_codings(pair.second_coding, ["s1"])
    assert found[["coder", "kind"]].to_numpy().tolist() == [
        ["first", "visit"], ["second", "meeting"],
    ]  # fmt: skip
    with pytest.raises(ValueError, match="s2 was not coded twice"):
        rel.teaching.as_codings(pair.second_coding, ["s1", "s2"])
    twice = pd.concat([pair.second_coding, pair.second_coding.assign(event_id="other")])
    with pytest.raises(ValueError, match="s1 is coded for two contacts"):
        rel.teaching.as_codings(twice, ["s1"])


def test_codings_are_read_on_any_engine(pair, engine):
    converted = pair.convert(engine)
    assert rel.teaching.check_codings(CLASS, converted).right
    found = rel.teaching.as_codings(converted.second_coding, ["s1"])
    pd.testing.assert_frame_equal(found, rel.teaching.as_codings(pair.second_coding, ["s1"]))

"""A small record in which each trap of counting gives a number of its own."""

import pandas as pd
import pytest

import relations as rel

# The contacts of the small tables, and beside them patrols of which each tells of one trap.
EVENTS = [
    "2019-05-01-patrol,2019-05-01,,joint_patrol,gulf_patrol,both,at_sea,,held,Patrol,,",
    "2020-07-01-plan,2020-07-01,,joint_patrol,,both,at_sea,,announced,Plan,,",
    "2021-08-30-days,2021-08-30,2021-09-02,border_exchange,,both,in_person,,held,Days,,",
    "2021-09-01-patrol,2021-09-01,,joint_patrol,gulf_patrol,both,at_sea,2021-08-30-days,held,P,,",
    "2021-11-01-plan,2021-11-01,,visit,,AA,in_person,,announced,Plan,,",
    "2021-12-01-plan,2021-12-01,,visit,,AA,in_person,,announced,Plan,,",
]
PAGES = [
    "a1,Aland News,AA,en,news,2019-05-02,Page,https://example.org/a1,,",
    "a3,Aland News,AA,en,news,2021-09-03,Page,https://example.org/a3,,",
    "b1,Beland Post,BB,en,news,2019-05-03,Page,https://example.org/b1,,",
    "b4,Beland Post,BB,en,news,2021-12-01,Page,https://example.org/b4,,",
    "b5,Beland Post,BB,en,news,2021-12-02,Page,https://example.org/b5,,",
    "copy,Aland News,AA,en,news,2021-07-03,Page,https://example.org/copy,s2,",
]
REPORTS = [
    "2019-03-01-visit,b4,,,,false,",
    "2019-05-01-patrol,a1,2019-05-01,5,printed,true,",
    "2019-05-01-patrol,b1,2019-05-01,10,printed,true,",
    "2020-07-01-plan,a1,2020-07-01,,printed,false,",
    "2021-06-patrol,b4,,,,false,",
    "2021-06-patrol,b5,,,,false,",
    "2021-06-patrol,copy,2021-06,6,printed,true,",
    "2021-08-30-days,a3,2021-08-30,,printed,true,",
    "2021-09-01-patrol,a3,2021-09-01,,printed,true,",
    "2021-11-01-plan,a3,2021-11-01,,printed,false,",
    "2021-12-01-plan,a3,2021-12-01,,printed,false,",
]
EDITIONS = ["2019-05-01-patrol,AA,5", "2019-05-01-patrol,BB,10", "2021-06-patrol,BB,11"]


@pytest.fixture
def pair(small) -> rel.Dataset:
    small.replace("datapackage.json", "2019-01-01", "2018-01-01")
    small.replace("datapackage.json", "2021-12-31", "2022-12-31")
    small.replace("reports", "2021-06,3,", "2021-06,6,")
    small.replace("editions", "2021-06-patrol,AA,3", "2021-06-patrol,AA,6")
    small.append("areas", "fishing,Fishing,sea,Fishing,Fish are named.,Ships.")
    for table, rows in [
        ("events", EVENTS), ("sources", PAGES), ("reports", REPORTS), ("editions", EDITIONS),
    ]:  # fmt: skip
        for row in rows:
            small.append(table, row)
        header, *lines = small.text(table).splitlines()
        small.write(table, "\n".join([header, *sorted(lines), ""]))
    return rel.load(small.path)


@pytest.fixture
def judge_by_keys(pair):
    """Hold a check of values by keys to its right answer and to the messages for wrong ones."""

    def judge(check, right, wrong):
        assert check(right, pair).right
        assert check(pd.Series(right), pair).right
        assert check({key: value + 0.004 for key, value in right.items()}, pair).right
        for answer, named in wrong:
            feedback = check(answer, pair)
            assert not feedback.right
            assert named in "\n".join(feedback.messages)
        for empty in (None, {}, dict.fromkeys(right), pd.Series(dtype="float64")):
            assert "no answer yet" in check(empty, pair).messages[0]
        for empty in (float("nan"), pd.NA, pd.NaT):
            assert "no answer yet" in check(dict.fromkeys(right, empty), pair).messages[0]
        key = next(iter(right))
        assert f"{key}: 'two' is no number" in check(right | {key: "two"}, pair).messages
        assert "has no keys; give a Series or a dict" in check(3, pair).messages[0]
        twice = pd.concat([pd.Series(right), pd.Series({key: right[key]})])
        assert f"{key} stands more than once" in check(twice, pair).messages[0]

    return judge

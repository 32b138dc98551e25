"""Cards of pages and packs of evidence: what the record holds of them, and nothing else."""

import pandas as pd
import pytest

import relations as rel

VISIT = "2019-03-01-visit"


@pytest.fixture
def strained(small) -> rel.Dataset:
    """The small tables with a crisis, two presses that print positions, and months around it."""
    small.replace("context", "2020-storm,2020,,A storm", "2020-storm,2020-06-01,2020-06-20,A storm")
    small.write("positions", small.text("positions").splitlines()[0] + "\n" + "".join(
        f"{row}\n" for row in [
            "2019-03-01-visit,,s1,AA,ann,hotline,paraphrased,Wants a line soon.",
            "2019-03-01-visit,,s1,BB,bob,hotline,quoted,Wants it too.",
            "2021-06-patrol,,s2,joint,,patrol,paraphrased,Both call it useful.",
            ",2020-storm,b9,BB,Speaker of Beland,sovereignty,ministry,The wind is ours.",
            ",2020-storm,s1,AA,,sovereignty,ministry,It is nobody's.",
            ",2020-storm,s1,AA,,hotline,ministry,Let us talk of the wind.",
        ]
    ))  # fmt: skip
    small.append("sources", "b9,Beland Post,BB,en,news,2020-06-02,Wind,https://example.org/9,,")
    small.append("sources", "s4,Aland News,AA,en,news,2021-04-01,Year,https://example.org/4,,")
    for row in [
        "2020-02-01-talks,2020-02-01,,meeting,,AA,in_person,,held,Talks,,",
        "2020-06-11-talks,2020-06-11,,meeting,,AA,in_person,,held,Talks,,",
        "2020-08-01-plan,2020-08-01,,visit,,AA,in_person,,announced,Plan,,",
        "2020-09-talks,2020-09,,meeting,,AA,in_person,,held,Talks,,",
        "2020-11-08-talks,2020-11-08,,meeting,,AA,in_person,,held,Talks,,",
        "2021-03-01-talks,2021-03-01,,meeting,,AA,in_person,,held,Talks,,",
    ]:
        small.append("events", row)
        event, start = row.split(",")[:2]
        held = "true" if ",held," in row else "false"
        small.append("reports", f"{event},s4,{start},,printed,{held},")
    for table in ("events", "reports", "sources", "positions"):
        header, *lines = small.text(table).splitlines()
        small.write(table, "\n".join([header, *sorted(lines), ""]))
    return rel.load(small.path)


def test_a_card_tells_what_the_record_holds_of_a_page(pair):
    (card,) = rel.teaching.page_cards(pair, ["s2"]).to_dict("records")
    assert card == {
        "source_id": "s2", "about": "2021-06-patrol", "published": "2021-07-02",
        "outlet": "Beland Post", "side": "BB", "language": "en", "page": "The patrol",
        "contact": "Patrol", "day": "2021-06", "number": "6", "people": "", "positions": "",
        "kind": "joint_patrol", "status": "held", "areas": "patrol (joint, done)",
    }  # fmt: skip


def test_a_page_has_a_card_for_each_contact_and_crisis_that_it_tells_of(strained):
    cards = rel.teaching.page_cards(strained, ["b9", "s1"])
    assert cards["about"].tolist()[:3] == ["2020-storm", VISIT, "2019-03-02-talks"]
    assert cards["about"].tolist()[-1] == "2020-storm"
    storm, visit = cards.loc[0], cards.loc[1]
    assert storm[["contact", "day", "kind"]].tolist() == ["A storm", "", ""]
    assert storm["positions"] == "BB, Speaker of Beland: The wind is ours."
    assert visit["people"] == "Ann, Minister, General, host; Bob, Chief, Colonel, head"
    assert visit["positions"] == "AA, Ann: Wants a line soon.; BB, Bob: Wants it too."
    assert visit["areas"] == "hotline (AA, proposed); hotline (BB, proposed)"


def test_a_page_that_tells_of_nothing_has_a_card(small):
    small.append("sources", "s4,Aland News,AA,en,news,,Weather,https://example.org/4,,")
    card = rel.teaching.page_cards(rel.load(small.path), ["s4"]).loc[0]
    assert card[["outlet", "published", "about"]].tolist() == ["Aland News", "", ""]
    with pytest.raises(ValueError, match="no page 's9'"):
        rel.teaching.page_cards(rel.load(small.path), ["s9"])


def test_a_pack_holds_contacts_context_positions_and_pages_of_its_months(strained):
    pack = rel.teaching.evidence_pack(strained, "2020-05", "2020-12")
    assert pack.contacts["event_id"].tolist() == [
        "2020-06-11-talks", "2020-09-talks", "2020-11-08-talks",
    ]  # fmt: skip
    assert pack.context["context_id"].tolist() == ["2020-storm"]
    assert pack.positions[["press", "side"]].to_numpy().tolist() == [
        ["AA", "AA"], ["AA", "AA"], ["BB", "BB"],
    ]  # fmt: skip
    assert pack.sides == ("AA", "BB")
    assert set(pack.pages["about"]) == {*pack.contacts["event_id"], "2020-storm"}
    assert repr(pack) == "Pack(contacts: 3, context: 1, positions: 3, pages: 5)"
    shown = pack._repr_html_()
    assert "<h4>Contacts: 3</h4>" in shown
    assert "The wind is ours." in shown


def test_a_pack_of_one_press_holds_what_its_outlets_print(strained):
    pack = rel.teaching.evidence_pack(strained, "2020-05", "2020-12", press="BB")
    assert pack.contacts.empty
    assert pack.positions["position"].tolist() == ["The wind is ours."]
    assert pack.pages["source_id"].tolist() == ["b9"]
    assert "<p>None.</p>" in pack._repr_html_()
    with pytest.raises(ValueError, match="press='CC': use one of AA, BB"):
        rel.teaching.evidence_pack(strained, "2020-05", "2020-12", press="CC")


def test_a_choice_of_contacts_narrows_a_pack_and_leaves_the_crisis(strained):
    chosen = strained.where(kind="joint_patrol")
    pack = rel.teaching.evidence_pack(chosen, "2019", "2021")
    assert pack.contacts["event_id"].tolist() == ["2021-06-patrol"]
    assert pack.positions["topic"].tolist() == ["hotline", "sovereignty", "sovereignty", "patrol"]


def test_voices_are_judged(strained):
    pack = rel.teaching.evidence_pack(strained, "2019", "2021")

    def check(answer):
        return rel.teaching.check_voices(answer, pack, "AA")

    assert check({"AA": 3, "BB": 1}).right
    assert check(pd.Series({"AA": 3, "BB": 1})).right
    for answer, named in [
        ({"AA": 3, "BB": 2}, "every press is counted"),
        ({"AA": 4, "BB": 0}, "side is who speaks"),
        ({"AA": 0, "BB": 1}, "what the others print"),
        ({"AA": 1, "BB": 1}, "positions in a crisis (context_id) are left out"),
        ({"AA": 3}, "no value for BB"),
        ({"AA": 3, "BB": 7}, "BB (7)"),
        ({}, "no answer yet"),
    ]:
        assert named in check(answer).messages[0]


def test_silence_is_judged(strained):
    # Dated and held in half a year around 1 June 2020: 1 February, 11 June, 8 November.
    # From 11 June to 8 November are 150 days; the plan of August and the month alone end none.
    def check(answer):
        return rel.teaching.check_silence(answer, strained, "2020-storm", months=6)

    assert check(150).right
    for answer, named in [
        (None, "no answer yet"),
        (131, "only announced"),
        (99, "only announced"),
        (10, "from the start of the crisis"),
        (151, "151 is more"),
    ]:
        assert named in check(answer).messages[0]


def test_packs_are_made_on_any_engine(strained, engine):
    ours = rel.teaching.evidence_pack(strained, "2019", "2021", press="AA")
    pack = rel.teaching.evidence_pack(strained.convert(engine), "2019", "2021", press="AA")
    for name in ("contacts", "context", "positions", "pages"):
        pd.testing.assert_frame_equal(getattr(pack, name), getattr(ours, name), check_dtype=False)
    assert rel.teaching.check_voices({"AA": 3, "BB": 1}, pack, "AA").right

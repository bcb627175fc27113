"""Reprocessing keeps what people have touched and replaces the rest."""

import pytest
from sqlalchemy import select

from decisionlog import clock
from decisionlog.decisions import search
from decisionlog.errors import Conflict, NotFound
from decisionlog.extensions import db
from decisionlog.extraction.drafts import Evidence
from decisionlog.jobs import extract_decisions as job
from decisionlog.jobs.reprocess import reprocess
from decisionlog.jobs.store import excerpt
from decisionlog.models import Decision, DecisionVersion, Transcript
from tests import factories
from tests.unit.extraction import builders
from tests.unit.extraction.builders import draft
from tests.unit.jobs.conftest import OAK, STEEL


def alive():
    statement = select(Decision).where(Decision.deleted_at.is_(None))
    return list(db.session.scalars(statement.order_by(Decision.timestamp_seconds)))


def again(transcript):
    reprocess(transcript.id)
    db.session.commit()
    job.run_next()
    db.session.expire_all()


def change(decision, person, **fields):
    """A person's change, as the record makes it."""
    for name, value in fields.items():
        setattr(decision, name, value)
    db.session.flush()
    db.session.add(
        DecisionVersion(
            decision_id=decision.id, version=decision.version, changed_by=person.id, changes={}
        )
    )
    db.session.commit()


@pytest.fixture
def processed(transcript, extractor):
    job.run_next()
    return transcript


@pytest.mark.parametrize("times", [1, 2, 3])
def test_reprocessing_doubles_nothing_however_often(processed, times):
    first = {decision.id for decision in alive()}
    for _ in range(times):
        again(processed)
    assert [decision.who for decision in alive()] == ["Rui", "Ana"]
    assert not first & {decision.id for decision in alive()}


def test_a_replaced_proposal_leaves_the_search_index_and_says_so_in_its_history(processed):
    old = alive()[0]
    again(processed)
    assert db.session.get(Decision, old.id).deleted_at is not None
    found = db.session.scalars(select(Decision.id).where(search.matches("steel"))).all()
    assert old.id not in found
    assert len(found) == 1
    versions = db.session.scalars(
        select(DecisionVersion)
        .where(DecisionVersion.decision_id == old.id)
        .order_by(DecisionVersion.version)
    ).all()
    assert [version.version for version in versions] == [1, 2]
    assert versions[1].changed_by is None
    assert "deleted_at" in versions[1].changes


@pytest.mark.parametrize("status", ["approved", "rejected", "superseded"])
def test_a_reviewed_decision_is_kept_and_not_found_again(processed, architect, status):
    steel, oak = alive()
    change(steel, architect, status=status)
    again(processed)
    kept, new = alive()
    assert (kept.id, kept.status) == (steel.id, status)
    assert new.id != oak.id


def test_an_edited_decision_is_kept_with_its_wording(processed, architect):
    steel = alive()[0]
    change(steel, architect, decision_statement="A steel frame, galvanised.")
    again(processed)
    assert [d.decision_statement for d in alive()] == [
        "A steel frame, galvanised.",
        "The stairs will be oak.",
    ]


def test_a_decision_that_a_person_deleted_does_not_come_back(processed, architect):
    change(alive()[0], architect, deleted_at=clock.now())
    again(processed)
    again(processed)
    assert [decision.who for decision in alive()] == ["Ana"]


def test_a_decision_that_a_person_linked_is_kept(processed, project):
    steel = alive()[0]
    factories.link(steel, factories.decision(project))
    again(processed)
    assert steel.id in {decision.id for decision in alive()}


def test_a_suggested_link_keeps_nothing(processed, project):
    steel = alive()[0]
    factories.link(steel, factories.decision(project), confirmed_at=None)
    again(processed)
    assert steel.id not in {decision.id for decision in alive()}


def test_two_decisions_in_one_sentence_are_told_apart_when_one_is_edited(
    transcript, extractor, architect
):
    sentence = "We go with steel for the frame."
    extractor.answer = (
        draft(sentence, 1, "The frame will be steel."),
        draft(sentence, 1, "The budget for timber is dropped."),
    )
    job.run_next()
    frame = next(d for d in alive() if "frame" in d.decision_statement)
    change(frame, architect, decision_statement="The frame will be of steel.")
    again(transcript)
    assert sorted(d.decision_statement for d in alive()) == [
        "The budget for timber is dropped.",
        "The frame will be of steel.",
    ]


def test_what_is_gone_from_a_new_run_is_gone_from_the_record(processed, extractor):
    extractor.answer = (OAK,)
    again(processed)
    assert [decision.who for decision in alive()] == ["Ana"]


def test_decisions_of_other_transcripts_and_made_by_hand_stay(processed, project, extractor):
    by_hand = factories.decision(project, transcript_id=processed.id, source="manual")
    elsewhere = factories.decision(project)
    extractor.answer = (STEEL,)
    again(processed)
    assert {by_hand.id, elsewhere.id} <= {decision.id for decision in alive()}


def test_reprocessing_gives_all_attempts_back(project):
    transcript = factories.transcript(project, status="failed", attempts=5, last_error="busy")
    reprocess(transcript.id)
    db.session.commit()
    db.session.expire_all()
    row = db.session.get(Transcript, transcript.id)
    assert (row.status, row.attempts, row.last_error) == ("pending", 0, None)


@pytest.mark.parametrize("status", ["pending", "processing"])
def test_what_is_under_way_is_not_begun_anew(project, status):
    with pytest.raises(Conflict):
        reprocess(factories.transcript(project, status=status).id)


def test_what_is_not_there_is_not_begun_anew(app, project):
    with pytest.raises(NotFound):
        reprocess(project.id)


def test_an_excerpt_holds_whole_lines_around_the_quote():
    turns = [(f"Person {n}", f"Sentence number {n} of the meeting.") for n in range(60)]
    transcript = builders.transcript(*turns)
    turn = transcript.turns[30]
    cut = excerpt(transcript.text, _evidence(turn))
    assert cut["text"][cut["quote_start"] : cut["quote_end"]] == turn.text
    assert cut["text"] == transcript.text[cut["start"] : cut["end"]]
    assert cut["text"].startswith("[")
    assert 800 < len(cut["text"]) < 1200


def test_one_endless_line_makes_no_endless_excerpt():
    words = "word " * 50_000 + "we go with steel " + "word " * 50_000
    transcript = builders.transcript(("Ana", words))
    turn = transcript.turns[0]
    start = turn.char_start + words.index("we go")
    cut = excerpt(transcript.text, _evidence(turn, start, start + 16))
    assert cut["text"][cut["quote_start"] : cut["quote_end"]] == "we go with steel"
    assert len(cut["text"]) < 2000


def _evidence(turn, start=None, end=None):
    return Evidence("", turn, start or turn.char_start, end or turn.char_end)

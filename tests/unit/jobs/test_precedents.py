"""What counts as a precedent, in the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from decisionlog import clock
from decisionlog.extensions import db
from decisionlog.jobs import extract_decisions as job
from decisionlog.jobs import precedents
from decisionlog.models import Decision
from tests import factories
from tests.statements import recorded_statements
from tests.unit.extraction.builders import draft
from tests.unit.jobs.conftest import STEEL

STATEMENT = "The frame will be steel."


def of(transcript):
    (found,) = precedents.of(transcript, [STATEMENT])
    return found


def test_the_most_similar_of_the_project_come_first(transcript, project):
    factories.decision(project, decision_statement="The stairs get a steel handrail.")
    factories.decision(project, decision_statement="The frame is steel.", status="approved")
    factories.decision(project, decision_statement="The roof will be green.")
    first, *others = of(transcript)
    assert (first.statement, first.approved) == ("The frame is steel.", True)
    assert all(other.similarity < first.similarity <= 1 for other in others)
    assert "The roof will be green." not in [other.statement for other in others]


@pytest.mark.parametrize("fields", [{"status": "rejected"}, {"status": "superseded"}])
def test_what_was_turned_down_sets_no_precedent(transcript, project, fields):
    factories.decision(project, decision_statement=STATEMENT, **fields)
    assert of(transcript) == []


def test_neither_deleted_nor_other_projects_nor_the_same_meetings_decisions_count(
    transcript, project
):
    factories.decision(project, decision_statement=STATEMENT, deleted_at=clock.now())
    factories.decision(factories.project(), decision_statement=STATEMENT)
    factories.decision(project, decision_statement=STATEMENT, transcript_id=transcript.id)
    assert of(transcript) == []


def test_a_later_meeting_sets_no_precedent(transcript, project):
    day = transcript.meeting_date
    factories.decision(project, decision_statement=STATEMENT, meeting_date=day + timedelta(days=1))
    assert of(transcript) == []
    factories.decision(project, decision_statement=STATEMENT, meeting_date=day)
    assert len(of(transcript)) == 1


def test_a_statement_without_a_telling_word_has_none(transcript, project):
    factories.decision(project, decision_statement=STATEMENT)
    assert precedents.of(transcript, ["So it is."]) == [[]]


def test_each_statement_has_its_own_however_many_are_asked_for(transcript, project):
    steel = factories.decision(project, decision_statement="The frame is steel.")
    oak = factories.decision(project, decision_statement="The stairs are oak.")
    precedents.of(transcript, [STATEMENT])
    with recorded_statements() as few:
        precedents.of(transcript, [STATEMENT])
    with recorded_statements() as many:
        found = precedents.of(transcript, [STATEMENT, "So it is.", "The stairs will be oak."])
    nearest = [[near.decision_id for near in each][:1] for each in found]
    assert nearest == [[steel.id], [], [oak.id]]
    # One more for each that has a telling word.
    assert len(many) == len(few) + 1


def test_a_processed_decision_carries_precedent_and_flags(transcript, project, extractor):
    factories.decision(project, decision_statement=STATEMENT, status="approved")
    extractor.answer = (STEEL, draft("stairs will be oak", 2, "The stairs will be oak."))
    job.run_next()
    steel = db.session.scalar(
        select(Decision).where(
            Decision.transcript_id == transcript.id, Decision.decision_statement == STATEMENT
        )
    )
    oak = db.session.scalar(select(Decision).where(Decision.decision_statement.like("%oak%")))
    assert steel.confidence_breakdown["precedent"] > 0.9
    assert steel.confidence > oak.confidence
    (flag,) = oak.anomaly_flags
    assert (flag["type"], flag["severity"]) == ("insufficient_context", "low")
    assert flag["description"]
    assert oak.has_anomalies

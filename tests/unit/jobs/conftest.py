import pytest

from decisionlog.extraction.drafts import Answer, Usage
from decisionlog.jobs import extractor as extractors
from tests import factories
from tests.unit.extraction.builders import Scripted, draft

SPEECH = (
    "[00:00:05] Ana: Good morning.\n"
    "[00:00:09] Rui: We go with steel for the frame.\n"
    "[00:00:15] Ana: And the stairs will be oak.\n"
)
STEEL = draft("We go with steel for the frame.", 1, "The frame will be steel.")
OAK = draft("the stairs will be oak", 2, "The stairs will be oak.")


@pytest.fixture
def transcript(project):
    return factories.transcript(project, content=SPEECH)


@pytest.fixture
def extractor(monkeypatch):
    """What the jobs extract with. A test gives its `answer`: drafts, an error, or a function."""
    scripted = Scripted(lambda turns: _told(scripted.answer, turns))
    scripted.answer = (STEEL, OAK)
    monkeypatch.setattr(extractors, "from_settings", lambda settings: scripted)
    return scripted


def _told(answer, turns):
    if callable(answer):
        answer = answer(turns)
    if isinstance(answer, Exception):
        raise answer
    return Answer(tuple(answer), Usage(input=100, output=10))

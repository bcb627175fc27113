import dataclasses
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decisionlog.extraction import offline
from decisionlog.extraction.offline import OfflineExtractor
from decisionlog.extraction.offline_cues import FAMILIES, families, fold
from decisionlog.extraction.pipeline import extract_decisions
from decisionlog.vocabulary import Discipline, RunStatus
from tests.unit.extraction.builders import MEETING, transcript

CLINIC = transcript(
    ("Rosa", "Good morning all. Today is the coordination meeting for the health centre."),
    ("Rosa", "On the agenda are the frame, the roof and the waiting room."),
    ("Piotr", "I looked at both frames, the concrete one and the timber one."),
    ("Piotr", "Timber is about six weeks faster on site, concrete is a little cheaper."),
    ("Amina", "The ground is poor on the east side, so weight matters there."),
    ("Rosa", "Okay, so we're going with the timber frame, because it saves six weeks on site."),
    ("Amina", "Good, that makes my foundations smaller."),
    ("Piotr", "What did the planners say of the roof?"),
    ("Rosa", "They find it too high from the lane."),
    ("Piotr", "Is the zinc still in the budget?"),
    ("Rosa", "It isn't. Right, we've decided to drop the zinc and use grey slates on the roof."),
    ("Piotr", "Fine with me."),
    ("Amina", "Can somebody send me the survey of the lane, please?"),
    ("Piotr", "I'll email it to you after lunch."),
    ("Rosa", "Now the waiting room, there was a complaint about the noise in the old one."),
    ("Amina", "Carpet, perhaps, or an acoustic ceiling?"),
    ("Piotr", "Carpet gets dirty within a month in a place like that."),
    ("Rosa", "Agreed, no carpet. We'll use an acoustic ceiling in the waiting room."),
    ("Amina", "What about the car park lights?"),
    ("Rosa", "I don't know yet, let's look at that next week."),
    ("Rosa", "Thank you everybody, see you on Monday."),
)
ESCOLA = transcript(
    ("Inês", "Bom dia a todos. Hoje temos a reunião de coordenação da escola."),
    ("Inês", "Na agenda estão a estrutura, a cobertura e o refeitório."),
    ("Rui", "Estive a ver as duas soluções, a de betão e a de madeira."),
    ("Rui", "A madeira demora menos seis semanas, o betão é um pouco mais barato."),
    ("Marta", "O terreno é fraco do lado nascente, o peso conta."),
    ("Inês", "Ok, então vamos avançar com a estrutura de madeira, porque poupa seis semanas."),
    ("Marta", "Boa, assim as minhas fundações ficam mais pequenas."),
    ("Rui", "O que disse a câmara da cobertura?"),
    ("Inês", "Acham que fica alta demais vista da rua."),
    ("Rui", "O zinco ainda cabe no orçamento?"),
    ("Inês", "Já não. Fica decidido que a cobertura leva um telhado de ardósia em vez de zinco."),
    ("Rui", "Por mim está bem."),
    ("Marta", "Alguém me pode enviar o levantamento da rua, por favor?"),
    ("Rui", "Eu envio depois do almoço."),
    ("Inês", "Agora o refeitório, houve queixas do barulho no antigo."),
    ("Marta", "Cortiça na parede, talvez, ou um teto acústico?"),
    ("Inês", "De acordo, ficamos com um teto acústico no refeitório."),
    ("Marta", "E as luzes do parque?"),
    ("Inês", "Não sei ainda, vemos isso na próxima semana."),
    ("Inês", "Obrigada a todos, até segunda."),
)


def drafts(meeting):
    return OfflineExtractor().extract(meeting.turns, MEETING).drafts


def settled(meeting):
    return [draft.quotes[0].turn for draft in drafts(meeting)]


def draft_of(meeting, turn):
    return next(draft for draft in drafts(meeting) if draft.quotes[0].turn == turn)


def test_decisions_of_an_english_meeting_are_found_where_they_are_settled():
    assert {5, 10, 17} <= set(settled(CLINIC))


def test_decisions_of_a_portuguese_meeting_are_found_where_they_are_settled():
    assert {5, 10, 16} <= set(settled(ESCOLA))


@pytest.mark.parametrize("meeting", [CLINIC, ESCOLA])
def test_greetings_tasks_and_what_is_put_off_are_no_decisions(meeting):
    last = len(meeting.turns) - 1
    assert not {0, 1, 12, 13, last - 1, last} & set(settled(meeting))


@pytest.mark.parametrize("meeting", [CLINIC, ESCOLA])
def test_drafts_come_in_order_of_time(meeting):
    assert settled(meeting) == sorted(settled(meeting))


@pytest.mark.parametrize("meeting", [CLINIC, ESCOLA])
def test_every_draft_is_grounded_by_the_pipeline(meeting):
    outcome = extract_decisions(meeting, MEETING, OfflineExtractor())
    assert outcome.status is RunStatus.COMPLETE
    assert len(outcome.decisions) == len(drafts(meeting))
    assert not outcome.rejected


def test_a_run_says_that_it_was_offline_and_by_which_weights():
    outcome = extract_decisions(CLINIC, MEETING, OfflineExtractor())
    version = json.loads(offline.WEIGHTS.read_text())["version"]
    assert (outcome.extractor, outcome.model, outcome.prompt_version) == ("offline", version, None)
    assert outcome.usage.input == outcome.usage.output == 0


def test_statement_why_and_discipline_come_from_what_was_said():
    frame = draft_of(CLINIC, 5)
    assert (
        frame.statement == "We're going with the timber frame, because it saves six weeks on site."
    )
    assert frame.why == "It saves six weeks on site."
    assert draft_of(CLINIC, 10).discipline is Discipline.ARCHITECTURE


def test_the_same_holds_in_portuguese():
    frame = draft_of(ESCOLA, 5)
    assert frame.statement == "Vamos avançar com a estrutura de madeira, porque poupa seis semanas."
    assert frame.why == "Poupa seis semanas."
    assert frame.discipline is Discipline.STRUCTURAL


def test_no_draft_is_more_certain_than_six_tenths():
    sure = [draft.confidence for draft in (*drafts(CLINIC), *drafts(ESCOLA))]
    assert sure
    assert all(0 < confidence <= 0.6 for confidence in sure)


def test_drafts_of_different_turns_do_not_crowd_each_other():
    again = transcript(*[("Ann", "So we're going with the steel frame then, agreed.")] * 9)
    turns = settled(again)
    assert len(turns) > 1
    assert all(later - earlier > offline.APART for earlier, later in pairwise(turns))


def test_a_long_summary_gives_a_draft_for_each_of_its_sentences_that_settles_something():
    summary = transcript(
        ("Ann", "Good, shall I sum up what we have?"),
        (
            "Ann",
            "Okay, so we've decided to use a steel frame for the whole of the new hall. "
            "We're not going to have a basement because the ground is far too wet for it. "
            "The weather has been awful lately. "
            "And we'll keep the old gate at the entrance on Mill Lane, as the client asked.",
        ),
        ("Bo", "Yes."),
    )
    quotes = {draft.quotes[0].text for draft in drafts(summary)}
    assert "We're not going to have a basement because the ground is far too wet for it." in quotes
    assert "The weather has been awful lately." not in quotes
    assert len(quotes) >= 2


def test_a_bare_agreement_also_quotes_what_it_agrees_to():
    bare = transcript(
        ("Ann", "Shall we clad the gable in charred larch boards?"),
        ("Bo", "Okay, so we're going with that then, agreed."),
        ("Ann", "Good."),
    )
    (draft,) = drafts(bare)
    assert [quote.turn for quote in draft.quotes] == [1, 0]
    assert draft.statement == "Shall we clad the gable in charred larch boards?"


@pytest.mark.parametrize(
    "lines", [[], [("Ann", "Hello.")], [("Ann", "…")], [("", "one two three four five six")]]
)
def test_a_meeting_with_nothing_in_it_gives_nothing(lines):
    assert OfflineExtractor().extract(transcript(*lines).turns, MEETING).drafts == ()


def test_turns_without_times_are_read_the_same():
    untimed = tuple(dataclasses.replace(turn, start=None, end=None) for turn in CLINIC.turns)
    assert OfflineExtractor().extract(untimed, MEETING).drafts == drafts(CLINIC)


@given(st.lists(st.tuples(st.sampled_from(["Ann", "Bo"]), st.text(min_size=1)), max_size=8))
def test_a_quote_is_always_a_passage_of_its_turn(lines):
    turns = transcript(*lines).turns
    every = dataclasses.replace(offline.shipped_weights(), least=-1e9)
    for draft in OfflineExtractor(every).extract(turns, MEETING).drafts:
        assert draft.statement
        assert all(quote.text in turns[quote.turn].text for quote in draft.quotes)


@pytest.mark.parametrize(
    ("said", "family"),
    [
        ("We've decided to keep the old stair", "decided"),
        ("We're, um, going with the brick", "choose"),
        ("We won't have a basement", "rule_out"),
        ("Let’s go with oak", "choose"),
        ("Fica decidido que a escada sai", "decided"),
        ("Vamos avançar com o tijolo", "choose"),
        ("Não vamos ter cave", "rule_out"),
        ("Vemos isso na próxima semana", "later"),
    ],
)
def test_cues_are_heard_in_both_languages(said, family):
    assert family in families(fold(said))


def test_the_shipped_weights_know_every_family_and_no_other():
    named = [name for name in offline.shipped_weights().features if name.startswith("own:")]
    assert sorted(named) == sorted(f"own:{name}" for name in FAMILIES)

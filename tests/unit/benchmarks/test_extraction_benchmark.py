import importlib.util
import json
import math
from collections import Counter
from dataclasses import asdict
from statistics import pstdev

import pytest

from benchmarks.extraction import __main__ as benchmark
from benchmarks.extraction import logistic, train
from benchmarks.extraction.meetings import default_folder, load, load_folder
from benchmarks.extraction.recorded import RecordedExtractor
from benchmarks.extraction.scorer import Prediction, figures, score_meeting
from decisionlog.extraction.claude import DEFAULT_MODEL
from decisionlog.extraction.drafts import PermanentError
from decisionlog.extraction.offline import OfflineExtractor
from decisionlog.extraction.pipeline import extract_decisions
from decisionlog.extraction.prompting import answer_schema, prompt

SAID = [
    ("Ann", "Good morning, this is the meeting about the boat house."),
    ("Bo", "Should the deck be larch or oak?"),
    ("Ann", "Okay, so we're going with larch for the deck, because oak is too expensive."),
    ("Bo", "Fine."),
    ("Cy", "And is there a winch?"),
    ("Bo", "I had a look at the old one last week, it was rusty all over."),
    ("Cy", "The neighbours would lend us theirs on Sundays."),
    ("Ann", "How kind of them."),
    ("Ann", "Right, we've decided: no winch at all."),
]
DECISIONS = [
    {"statement": "The deck will be larch.", "evidence_turns": [1, 2]},
    {"statement": "There will be no winch.", "evidence_turns": [8]},
]


def meeting_file(folder, name="BH1a", said=SAID, decisions=DECISIONS):
    turns = [
        {"index": at, "speaker": speaker, "start": 10.0 * at, "end": 10.0 * at + 8, "text": text}
        for at, (speaker, text) in enumerate(said)
    ]
    people = [{"name": speaker, "role": speaker} for speaker in ("Ann", "Bo", "Cy")]
    content = {"meeting_id": name, "participants": people, "turns": turns, "decisions": decisions}
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content), "utf-8")
    return path


def predicted(quote, statement="x", who="Ann", timestamp="00:00:20"):
    return Prediction(statement, quote, who, timestamp)


LARCH = predicted("WE'RE GOING WITH larch", "The deck will be larch")
WINCH = predicted("no winch at all", "No winch", timestamp="1:20")


@pytest.fixture
def boat_house(tmp_path):
    return load(meeting_file(tmp_path))


@pytest.fixture
def meetings(tmp_path):
    """Four meetings of two series."""
    folder = tmp_path / "meetings"
    folder.mkdir()
    for name in ("BH1a", "BH1b", "BH2a", "BH2b"):
        meeting_file(folder, name)
    return folder


def test_a_meeting_keeps_its_turns_and_its_text(boat_house):
    transcript = boat_house.transcript
    assert [turn.text for turn in transcript.turns] == [text for _, text in SAID]
    assert all(transcript.text[t.char_start : t.char_end] == t.text for t in transcript.turns)
    assert boat_house.series == "BH1"


def test_right_predictions_score_one(boat_house):
    counts = score_meeting(boat_house, [LARCH, WINCH])
    assert {name: figures(counts)[name] for name in ("precision", "recall", "f1", "f1_11")} == {
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "f1_11": 1.0,
    }


def test_several_quotes_of_one_decision_count_once_in_f1_11(boat_house):
    counts = score_meeting(boat_house, [LARCH, LARCH, LARCH])
    assert (counts["correct"], counts["found"]) == (3, 1)
    assert figures(counts)["precision"] == 1.0
    assert figures(counts)["f1_11"] == pytest.approx(2 / 5)


@pytest.mark.parametrize(
    ("prediction", "grounded", "who", "when"),
    [
        (predicted("going with larch"), 1, 1, 1),
        (predicted("oing with larch"), 0, 0, 0),
        (predicted("going with oak"), 0, 0, 0),
        (predicted("going with larch", who="Bo"), 1, 0, 1),
        (predicted("going with larch", timestamp="00:05:00"), 1, 1, 0),
        (predicted("going with larch", timestamp=None), 1, 1, 0),
        (predicted("too expensive. Fine. And is", who="cy"), 1, 1, 1),
    ],
)
def test_a_prediction_is_grounded_by_its_words_its_speaker_and_its_time(
    boat_house, prediction, grounded, who, when
):
    counts = score_meeting(boat_house, [prediction])
    assert (counts["grounded"], counts["who"], counts["when"]) == (grounded, who, when)


def test_a_decision_without_evidence_is_matched_by_its_wording(tmp_path):
    bare = [{"statement": "The deck will be larch.", "evidence_turns": []}]
    annotated = load(meeting_file(tmp_path, decisions=bare))
    assert score_meeting(annotated, [predicted("a winch", "A larch deck")])["found"] == 1
    assert score_meeting(annotated, [predicted("a winch", "An oak door")])["found"] == 0


def test_no_predictions_are_no_error(boat_house):
    nothing = figures(score_meeting(boat_house, []))
    assert nothing["precision"] is None
    assert (nothing["recall"], nothing["f1_11"]) == (0.0, 0.0)


def test_the_fit_separates_what_a_feature_separates_and_shrinks_the_rest():
    rows = [{"cue": 1.0}, {"cue": 1.0}, {}, {}] * 5
    bias, weights = logistic.fit(rows, [True, True, False, False] * 5, 1.0, {})
    assert weights["cue"] > 1
    assert bias == pytest.approx(-weights["cue"] / 2, abs=1e-6)
    _, shrunk = logistic.fit(rows, [True, True, False, False] * 5, 100.0, {})
    assert 0 < shrunk["cue"] < weights["cue"]


def test_the_fit_stays_at_its_prior_where_the_rows_say_nothing():
    rows = [{"cue": 1.0}, {"cue": 1.0}, {}, {}]
    _, weights = logistic.fit(rows, [True, False, True, False], 1e6, {"cue": 2.0})
    assert weights["cue"] == pytest.approx(2.0, abs=1e-3)


def test_the_fit_survives_a_rare_feature_with_a_strong_prior():
    rows = [{"common": at % 7 / 7, "rare": float(at in (3, 900))} for at in range(2000)]
    labels = [at % 40 == 0 for at in range(2000)]
    _, weights = logistic.fit(rows, labels, 30.0, {"rare": 3.0})
    assert 0 < weights["rare"] < 3


def test_the_fit_is_where_the_penalised_loss_is_least():
    rows = [{"a": 1.0, "b": 0.5}, {"a": 0.2}, {"b": 2.0}, {"a": 1.5}, {}] * 4
    labels = [True, False, True, True, False] * 4
    bias, weights = logistic.fit(rows, labels, 2.0, {"a": 0.5})

    def loss(bias, weights):
        return logistic_loss(rows, labels, 2.0, {"a": 0.5, "b": 0.0}, bias, weights)

    least = loss(bias, weights)
    for step in (0.01, -0.01):
        assert loss(bias + step, weights) > least
        assert all(loss(bias, weights | {name: weights[name] + step}) > least for name in weights)


def logistic_loss(rows, labels, penalty, prior, bias, weights):
    total = 0.0
    for row, label in zip(rows, labels, strict=True):
        score = bias + sum(weights[name] * value for name, value in row.items())
        total += math.log1p(math.exp(-score if label else score))
    for name, weight in weights.items():
        spread = pstdev([row.get(name, 0.0) for row in rows])
        total += penalty / 2 * ((weight - prior[name]) * spread) ** 2
    return total


def test_weights_learned_from_meetings_find_their_decisions(meetings):
    extractor = OfflineExtractor(train.train(load_folder(meetings)))
    annotated = load(meetings / "BH1a.json")
    drafts = extractor.extract(annotated.transcript.turns, annotated.meeting).drafts
    assert {2, 8} <= {draft.quotes[0].turn for draft in drafts}


def test_written_weights_are_read_back(meetings, tmp_path, monkeypatch):
    weights = train.train(load_folder(meetings))
    monkeypatch.setattr(train.offline, "WEIGHTS", tmp_path / "weights.json")
    train.write(weights, tmp_path / "weights.json")
    read = train.offline.shipped_weights.__wrapped__()
    assert read.version == weights.version
    assert read.features == pytest.approx(weights.features, abs=1e-4)
    assert "CC BY 4.0" in (tmp_path / "weights.json").read_text()


def test_each_series_is_scored_by_weights_that_have_not_seen_it(meetings, monkeypatch, capsys):
    learned_from = []

    def spy(seen):
        learned_from.append({annotated.id for annotated in seen})
        return train.offline.shipped_weights()

    monkeypatch.setattr(benchmark, "train", spy)
    benchmark.main(["--meetings", str(meetings), "--leave-one-out"])
    assert learned_from == [{"BH2a", "BH2b"}, {"BH1a", "BH1b"}]
    assert "f1_11" in capsys.readouterr().out


def test_predictions_are_written_in_the_form_that_is_scored(meetings, tmp_path, capsys):
    benchmark.main(["--meetings", str(meetings), "--out", str(tmp_path / "out")])
    content = json.loads((tmp_path / "out" / "BH1a.json").read_text("utf-8"))
    assert content["meeting_id"] == "BH1a"
    assert content["decisions"]
    for decision in content["decisions"]:
        assert set(decision) == {"statement", "quote", "who", "timestamp"}
        assert any(decision["quote"] in text for _, text in SAID)
    assert "grounded 1.000  who 1.000  when 1.000" in capsys.readouterr().out


def test_a_dry_run_writes_the_requests_and_runs_nothing(meetings, tmp_path, capsys):
    benchmark.main(["--meetings", str(meetings), "--dry-run", str(tmp_path / "asked")])
    assert len(list((tmp_path / "asked").iterdir())) == 4
    body = json.loads((tmp_path / "asked" / "BH1a.part1.json").read_text("utf-8"))
    assert body["model"] == DEFAULT_MODEL
    assert body["system"][0]["text"] == prompt()
    assert SAID[2][1] in body["messages"][0]["content"]
    assert body["output_config"]["format"]["schema"] == answer_schema()
    assert capsys.readouterr().out == ""


def answer(quote, turn):
    return {
        "decisions": [
            {
                "statement": "The deck will be larch.",
                "quotes": [{"text": quote, "turn": turn}],
                "discipline": "architecture",
                "why": "",
                "causation": "other",
                "impacts": [],
                "consensus": [],
                "review_on": None,
            }
        ]
    }


def message(content):
    text = {"type": "text", "text": json.dumps(content)}
    return {"content": [text], "usage": {"input_tokens": 10, "output_tokens": 2}}


@pytest.mark.parametrize("form", [lambda content: content, message])
def test_recorded_answers_are_grounded_and_scored(meetings, tmp_path, capsys, form):
    content = form(answer("we're going with larch for the deck", 2))
    (tmp_path / "BH1a.part1.json").write_text(json.dumps(content), "utf-8")
    benchmark.main(["--meetings", str(meetings), "--replay", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["BH1a", "2", "1", "1", "1"]
    assert "recall 0.500" in lines[2]
    assert "grounded 1.000" in lines[2]
    assert not lines[3].startswith("BH"), "meetings without answers are not scored"


def test_an_answer_of_another_form_is_an_error(boat_house, tmp_path):
    (tmp_path / "BH1a.part1.json").write_text('{"decisions": 1}', "utf-8")
    extractor = RecordedExtractor(tmp_path, boat_house)
    with pytest.raises(PermanentError, match=r"BH1a\.part1\.json"):
        extractor.extract(boat_house.transcript.turns, boat_house.meeting)


def test_a_missing_answer_is_an_error(boat_house, tmp_path):
    extractor = RecordedExtractor(tmp_path, boat_house)
    with pytest.raises(PermanentError, match="turns 0 to 8"):
        extractor.extract(boat_house.transcript.turns, boat_house.meeting)


@pytest.mark.parametrize(
    "arguments", [["--extractor", "claude"], ["--extractor", "replay"], ["--meetings", "nowhere"]]
)
def test_what_is_missing_is_said_in_one_line(meetings, monkeypatch, capsys, arguments):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    with pytest.raises(SystemExit):
        benchmark.main(["--meetings", str(meetings), *arguments])
    assert "error:" in capsys.readouterr().err.splitlines()[-1]


corpus = pytest.mark.skipif(
    not default_folder().is_dir(), reason="the shared benchmark's meetings are not here"
)


@corpus
def test_our_figures_are_those_of_the_shared_scorer():
    path = default_folder().parent / "score.py"
    spec = importlib.util.spec_from_file_location("shared_score", path)
    shared = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shared)
    for annotated in load_folder(default_folder()):
        turns = annotated.transcript.turns
        predictions = [
            predicted(turn.text, decision.statement, turn.speaker, f"00:{at % 60:02d}:00")
            for at, decision in enumerate(annotated.decisions * 3)
            for turn in turns[at * 7 % len(turns) :: 101]
        ] + [predicted("these words were never said")]
        gold = json.loads((default_folder() / f"{annotated.id}.json").read_text("utf-8"))
        theirs = shared.score_meeting(gold, [asdict(prediction) for prediction in predictions])
        ours = score_meeting(annotated, predictions)
        assert {name: pytest.approx(float(ours[name])) for name in theirs} == theirs
        assert figures(ours) == pytest.approx(shared.rates(theirs))


@corpus
def test_the_offline_extractor_grounds_everything_it_finds_in_real_meetings():
    total = Counter()
    for annotated in load_folder(default_folder()):
        outcome = extract_decisions(annotated.transcript, annotated.meeting, OfflineExtractor())
        total += score_meeting(annotated, benchmark.predictions(outcome))
    assert total["predicted"] > 100
    assert total["predicted"] == total["grounded"] == total["who"] == total["when"]

"""Runs an extractor over annotated meetings and scores it: `python -m benchmarks.extraction`."""

import argparse
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean

from benchmarks.extraction.meetings import AnnotatedMeeting, default_folder, load_folder
from benchmarks.extraction.recorded import RecordedExtractor, is_recorded, write_requests
from benchmarks.extraction.scorer import Prediction, figures, score_meeting
from benchmarks.extraction.train import by_series, train
from decisionlog.extraction.claude import DEFAULT_MODEL, ClaudeExtractor
from decisionlog.extraction.drafts import Extractor
from decisionlog.extraction.offline import OfflineExtractor
from decisionlog.extraction.pipeline import Outcome, extract_decisions

Run = tuple[AnnotatedMeeting, Outcome]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        meetings = load_folder(options.meetings)
    except FileNotFoundError as error:
        parser.error(str(error))
    if options.dry_run:
        _write_all_requests(options.dry_run, meetings)
        return
    runs = list(_runs(parser, options, meetings))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for annotated, outcome in runs:
            _write_predictions(options.out / f"{annotated.id}.json", annotated, outcome)
    _report(runs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.extraction", description=__doc__)
    parser.add_argument("--extractor", choices=("offline", "claude", "replay"), default="offline")
    parser.add_argument("--meetings", type=Path, default=default_folder(), metavar="DIR")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write predictions")
    parser.add_argument("--dry-run", type=Path, metavar="DIR", help="only write Claude's requests")
    parser.add_argument("--replay", type=Path, metavar="DIR", help="recorded answers to those")
    parser.add_argument(
        "--leave-one-out",
        action="store_true",
        help="offline: each series by weights learned from the other series",
    )
    return parser


def _runs(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    meetings: Sequence[AnnotatedMeeting],
) -> Iterable[Run]:
    if options.leave_one_out:
        return _leave_one_out(meetings)
    if options.replay:
        answered = [meeting for meeting in meetings if is_recorded(options.replay, meeting)]
        return _run(answered, lambda annotated: RecordedExtractor(options.replay, annotated))
    if options.extractor == "replay":
        parser.error("--extractor replay needs --replay DIR")
    if options.extractor == "offline":
        return _run(meetings, lambda _: OfflineExtractor())
    key = os.environ.get("ANTHROPIC_API_KEY")
    if not key:
        parser.error("--extractor claude needs ANTHROPIC_API_KEY")
    claude = ClaudeExtractor(key, os.environ.get("EXTRACTION_MODEL", DEFAULT_MODEL))
    return _run(meetings, lambda _: claude)


def _run(
    meetings: Iterable[AnnotatedMeeting], extractor: Callable[[AnnotatedMeeting], Extractor]
) -> Iterator[Run]:
    for annotated in meetings:
        yield (
            annotated,
            extract_decisions(annotated.transcript, annotated.meeting, extractor(annotated)),
        )


def _leave_one_out(meetings: Sequence[AnnotatedMeeting]) -> Iterator[Run]:
    for inside, outside in by_series(meetings):
        extractor = OfflineExtractor(train(outside))
        yield from _run(inside, lambda _, extractor=extractor: extractor)


def _write_all_requests(folder: Path, meetings: Iterable[AnnotatedMeeting]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for annotated in meetings:
        write_requests(folder, annotated, os.environ.get("EXTRACTION_MODEL", DEFAULT_MODEL))


def _write_predictions(path: Path, annotated: AnnotatedMeeting, outcome: Outcome) -> None:
    decisions = [
        {
            "statement": prediction.statement,
            "quote": prediction.quote,
            "who": prediction.who,
            "timestamp": prediction.timestamp,
        }
        for prediction in predictions(outcome)
    ]
    content = {"meeting_id": annotated.id, "decisions": decisions}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def predictions(outcome: Outcome) -> list[Prediction]:
    return [
        Prediction(
            decision.draft.statement,
            decision.evidence[0].quote,
            decision.evidence[0].speaker,
            decision.evidence[0].timestamp,
        )
        for decision in outcome.decisions
    ]


def _report(runs: Iterable[Run]) -> None:
    scores = {
        annotated.id: score_meeting(annotated, predictions(outcome)) for annotated, outcome in runs
    }
    print(f"{'meeting':12} {'gold':>5} {'pred':>5} {'found':>5} {'right':>5}")
    for name, counts in scores.items():
        print(
            f"{name:12} {counts['gold']:5} {counts['predicted']:5} {counts['found']:5}"
            f" {counts['correct']:5}"
        )
    micro = figures(sum(scores.values(), Counter()))
    print("micro", *(f"{name} {_shown(value)}" for name, value in micro.items()), sep="  ")
    each = [figures(counts) for counts in scores.values() if counts["gold"]]
    macro = {
        name: mean(one[name] or 0.0 for one in each)
        for name in ("precision", "recall", "f1", "f1_11")
    }
    print("macro", *(f"{name} {_shown(value)}" for name, value in macro.items()), sep="  ")


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()

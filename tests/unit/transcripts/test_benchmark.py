"""The meetings of the shared benchmark, as text, against their turns by hand."""

import json
import os
from pathlib import Path

import pytest

from decisionlog.transcripts import parse

ROOT = Path(__file__).parents[3]
BENCHMARK = ROOT / os.environ.get("DECISIONLOG_BENCHMARK", "../shared/benchmark")


def test_every_meeting_parses_to_exactly_its_turns():
    meetings = sorted((BENCHMARK / "meetings").glob("*.json"))
    if not meetings:
        pytest.skip("the benchmark's meetings are not here: set DECISIONLOG_BENCHMARK")
    for meeting in meetings:
        transcript = parse(meeting.with_suffix(".txt").read_text(encoding="utf-8"))
        wanted = json.loads(meeting.read_text(encoding="utf-8"))["turns"]

        assert [(t.index, t.speaker, t.text, t.start) for t in transcript.turns] == [
            (t["index"], t["speaker"], " ".join(t["text"].split()), int(t["start"])) for t in wanted
        ], meeting.name

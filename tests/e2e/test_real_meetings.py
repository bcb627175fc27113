"""Real meetings through the real processes, read back and scored as a stranger would."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import BASE_DIR

CORPUS = Path(os.environ.get("DECISIONLOG_BENCHMARK", BASE_DIR.parent / "shared" / "benchmark"))
needs_corpus = pytest.mark.skipif(
    not (CORPUS / "meetings").is_dir(),
    reason="the annotated meetings are not here; DECISIONLOG_BENCHMARK names their folder",
)


@needs_corpus
def test_every_decision_of_seventeen_meetings_stands_in_its_transcript(site, tmp_path):
    delivered = {}
    for path in sorted((CORPUS / "meetings").glob("*.txt")):
        facts = json.loads(path.with_suffix(".json").read_text("utf-8"))
        delivered[path.stem] = site.deliver(
            path.read_text("utf-8"),
            meeting_title=path.stem,
            duration_minutes=round(facts["duration_minutes"]),
            participants=facts["participants"],
        )
    assert len(delivered) == 17
    for name, transcript_id in delivered.items():
        assert site.wait_for(transcript_id)["status"] == "processed", name
        predictions = [
            {
                "statement": decision["decision_statement"],
                "quote": decision["quote"],
                "who": decision["who"],
                "timestamp": decision["timestamp"],
            }
            for decision in site.decisions(transcript_id)
        ]
        prediction = {"meeting_id": name, "decisions": predictions}
        (tmp_path / f"{name}.json").write_text(json.dumps(prediction))
    micro = _score(tmp_path)["micro"]
    assert micro["recall"] > 0.2
    assert (micro["grounded"], micro["who"], micro["when"]) == (1.0, 1.0, 1.0)


def _score(predictions: Path) -> dict:
    result = subprocess.run(
        [sys.executable, CORPUS / "score.py", CORPUS / "meetings", predictions, "--json"],
        capture_output=True,
        check=True,
    )
    return json.loads(result.stdout)

"""Annotated meetings: a folder of `MEETING.json` files."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from decisionlog.extraction.drafts import Meeting, Participant
from decisionlog.transcripts.transcript import Transcript, Turn, timestamp


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as an annotator worded it; `evidence` holds indices of turns, perhaps none."""

    statement: str
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AnnotatedMeeting:
    id: str
    transcript: Transcript
    meeting: Meeting
    decisions: tuple[Decision, ...]

    @property
    def series(self) -> str:
        """Meetings of one team: the id without its final letter."""
        return self.id[:-1]


def default_folder() -> Path:
    """`DECISIONLOG_BENCHMARK`, or the folder beside the repository."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "benchmark" / "meetings"
    return Path(os.environ.get("DECISIONLOG_BENCHMARK") or beside)


def load_folder(folder: Path) -> list[AnnotatedMeeting]:
    """Every meeting of the folder, by id. Raises FileNotFoundError where there is none."""
    meetings = [load(path) for path in sorted(folder.glob("*.json"))]
    if not meetings:
        raise FileNotFoundError(f"no meetings (*.json) in {folder}")
    return meetings


def load(path: Path) -> AnnotatedMeeting:
    content = json.loads(path.read_text("utf-8"))
    return AnnotatedMeeting(
        id=content["meeting_id"],
        transcript=_transcript(content["turns"]),
        meeting=Meeting(
            participants=tuple(
                Participant(name=person["name"], role=person.get("role"))
                for person in content.get("participants", ())
            ),
        ),
        decisions=tuple(
            Decision(decision["statement"], tuple(decision["evidence_turns"]))
            for decision in content["decisions"]
        ),
    )


def _transcript(turns: Sequence[Mapping]) -> Transcript:
    """The canonical text of the turns, which keep their own numbers."""
    lines, read, position = [], [], 0
    for turn in turns:
        prefix = f"[{timestamp(turn['start'])}] {turn['speaker']}: "
        start = position + len(prefix)
        end = start + len(turn["text"])
        read.append(
            Turn(
                index=turn["index"],
                speaker=turn["speaker"],
                text=turn["text"],
                start=turn["start"],
                end=turn["end"],
                char_start=start,
                char_end=end,
            )
        )
        lines.append(prefix + turn["text"])
        position = end + 1
    return Transcript(text="\n".join(lines), turns=tuple(read), format="benchmark")

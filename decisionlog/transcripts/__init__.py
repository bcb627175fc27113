"""Text in, turns of speech out. Knows nothing of the rest of DecisionLog."""

from decisionlog.transcripts.reading import decode, parse, recognise
from decisionlog.transcripts.transcript import Transcript, Turn, UnreadableTranscript, timestamp

__all__ = [
    "Transcript",
    "Turn",
    "UnreadableTranscript",
    "decode",
    "parse",
    "recognise",
    "timestamp",
]

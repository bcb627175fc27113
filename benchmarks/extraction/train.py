"""Learns the offline extractor's weights: `python -m benchmarks.extraction.train [--meetings DIR]`.

The weights that ship with DecisionLog were made by this command from 17 meetings of the AMI
Meeting Corpus (CC BY 4.0), which are not part of the repository.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import compress
from pathlib import Path
from statistics import mean

from benchmarks.extraction import logistic
from benchmarks.extraction.meetings import AnnotatedMeeting, default_folder, load_folder
from benchmarks.extraction.scorer import WINDOW, is_near
from decisionlog.extraction import offline
from decisionlog.extraction.offline_features import features, words

VERSION = "ami17-1"
PENALTIES = {0: 30.0, WINDOW: 100.0}
"""How far from a decision's evidence a turn may stand to count, and the penalty of that model."""
DRAFTS_PER_DECISION = 1.3
"""More drafts than decisions: a false one is dismissed at a glance, a missed one is lost."""
PRIOR = {
    "own:decided": 3.0,
    "own:choose": 1.5,
    "own:rule_out": 0.7,
    "own:conclude": 0.7,
    "own:will": 0.5,
    "own:limit": 0.3,
    "own:summary": 0.3,
    "own:propose": -0.5,
    "own:question": -0.5,
    "own:later": -1.0,
    "own:task": -0.5,
    "own:agenda": -1.0,
    "own:myself": -0.3,
    "own:conditional": -0.2,
}
"""What the phrases mean in any meeting: 17 meetings of one kind hold too few of the plain ones."""
CREDIT = (
    "Learned from 17 meetings of the AMI Meeting Corpus, (c) University of Edinburgh and the AMI "
    "Consortium, CC BY 4.0; J. Carletta et al., The AMI Meeting Corpus: A Pre-announcement, 2005."
)


def train(meetings: Sequence[AnnotatedMeeting]) -> offline.Weights:
    """Weights, and from what models of the other series say of each series, the least score that
    is drafted and how sure a score is. Needs meetings of two series."""
    heard = [
        (candidate, annotated)
        for inside, outside in by_series(meetings)
        for annotated in inside
        for candidate in offline.OfflineExtractor(_fit(tuple(outside))).candidates(
            annotated.transcript.turns
        )
    ]
    heard.sort(key=lambda pair: -pair[0].score)
    wanted = round(DRAFTS_PER_DECISION * sum(len(annotated.decisions) for annotated in meetings))
    kept = heard[:wanted]
    right = [
        any(is_near([candidate.quote.turn], decision.evidence) for decision in annotated.decisions)
        for candidate, annotated in kept
    ]
    offset, slopes = logistic.fit([{"score": c.score} for c, _ in kept], right, 1.0, {})
    return replace(
        _fit(tuple(meetings)), least=kept[-1][0].score, offset=offset, slope=slopes["score"]
    )


def by_series(
    meetings: Sequence[AnnotatedMeeting],
) -> list[tuple[list[AnnotatedMeeting], list[AnnotatedMeeting]]]:
    """(the meetings of a series, all others) for each series."""
    return [
        (
            [meeting for meeting in meetings if meeting.series == series],
            [meeting for meeting in meetings if meeting.series != series],
        )
        for series in sorted({meeting.series for meeting in meetings})
    ]


def write(weights: offline.Weights, path: Path) -> None:
    content = {"credit": CREDIT} | asdict(weights)
    rounded = json.loads(json.dumps(content), parse_float=lambda text: round(float(text), 4))
    path.write_text(json.dumps(rounded, indent=1, sort_keys=True) + "\n", "utf-8")


@cache  # leaving out two series, one after the other, is the same model in either order
def _fit(meetings: tuple[AnnotatedMeeting, ...]) -> offline.Weights:
    """The mean of two models of the turns that are long enough to be quoted.

    One says which of them hold the evidence of a decision, the other which stand near it.
    """
    turns = [turn for annotated in meetings for turn in annotated.transcript.turns]
    rows = [row for annotated in meetings for row in features(annotated.transcript.turns)]
    long = [len(words(turn.text)) >= offline.SHORTEST for turn in turns]
    models = [
        logistic.fit(
            list(compress(rows, long)),
            list(compress(_labels(meetings, reach), long)),
            penalty,
            PRIOR,
        )
        for reach, penalty in PENALTIES.items()
    ]
    return offline.Weights(
        version=VERSION,
        bias=mean(bias for bias, _ in models),
        least=0.0,
        offset=0.0,
        slope=1.0,
        features={name: mean(weights[name] for _, weights in models) for name in models[0][1]},
    )


def _labels(meetings: Iterable[AnnotatedMeeting], reach: int) -> list[bool]:
    """For each turn, whether it stands within `reach` turns of a decision's evidence."""
    return [
        any(is_near([turn.index], decision.evidence, reach) for decision in annotated.decisions)
        for annotated in meetings
        for turn in annotated.transcript.turns
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--meetings", type=Path, default=default_folder())
    parser.add_argument("--out", type=Path, default=offline.WEIGHTS)
    options = parser.parse_args()
    write(train(load_folder(options.meetings)), options.out)


if __name__ == "__main__":
    main()

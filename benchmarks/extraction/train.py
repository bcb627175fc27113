"""Learns the offline extractor's weights: `python -m benchmarks.extraction.train [--meetings DIR]`.

The weights that ship with DecisionLog were made by this command from 17 meetings of the AMI
Meeting Corpus (CC BY 4.0), which are not part of the repository.
"""

import argparse
import json
from collections.abc import Iterable
from itertools import compress
from pathlib import Path
from statistics import mean

from benchmarks.extraction import logistic
from benchmarks.extraction.meetings import AnnotatedMeeting, default_folder, load_folder
from decisionlog.extraction import offline
from decisionlog.extraction.offline_features import features, words

VERSION = "ami17-1"
NEAR = 2
"""Turns around the annotated evidence that count as showing the decision too."""
PENALTY = {0: 30.0, NEAR: 100.0}
CERTAIN = 0.15
PRIOR = {
    "own:decided": 2.0,
    "own:choose": 1.5,
    "own:rule_out": 0.7,
    "own:conclude": 0.7,
    "own:will": 0.5,
    "own:limit": 0.3,
    "own:summary": 0.3,
    "own:question": -0.5,
    "own:later": -1.0,
    "own:task": -0.5,
    "own:agenda": -1.0,
    "own:myself": -0.3,
    "own:conditional": -0.2,
    "after:agree": 0.3,
}
"""What the phrases mean in any meeting: 17 meetings of one kind hold too few of the plain ones."""
CREDIT = (
    "Learned from 17 meetings of the AMI Meeting Corpus, (c) University of Edinburgh and the AMI "
    "Consortium, CC BY 4.0; J. Carletta et al., The AMI Meeting Corpus: A Pre-announcement, 2005."
)


def train(meetings: Iterable[AnnotatedMeeting]) -> offline.Weights:
    """The mean of two models of the turns that are long enough to be quoted.

    One says which of them hold the evidence of a decision, the other which stand near it.
    """
    meetings = list(meetings)
    rows = [row for annotated in meetings for row in features(annotated.transcript.turns)]
    long = [
        len(words(turn.text)) >= offline.SHORTEST
        for annotated in meetings
        for turn in annotated.transcript.turns
    ]
    models = [
        logistic.fit(
            list(compress(rows, long)),
            list(compress(_labels(meetings, reach), long)),
            penalty,
            PRIOR,
        )
        for reach, penalty in PENALTY.items()
    ]
    bias = mean(bias for bias, _ in models)
    names = models[0][1]
    weights = {name: mean(weights[name] for _, weights in models) for name in names}
    return offline.Weights(VERSION, bias, CERTAIN, weights)


def _labels(meetings: Iterable[AnnotatedMeeting], reach: int) -> list[bool]:
    """For each turn, whether it stands within `reach` turns of a decision's evidence."""
    labels = []
    for annotated in meetings:
        evidence = {turn for decision in annotated.decisions for turn in decision.evidence}
        near = {turn + step for turn in evidence for step in range(-reach, reach + 1)}
        labels += [turn.index in near for turn in annotated.transcript.turns]
    return labels


def write(weights: offline.Weights, path: Path) -> None:
    content = {
        "version": weights.version,
        "credit": CREDIT,
        "bias": round(weights.bias, 4),
        "certain": weights.certain,
        "features": {name: round(weight, 4) for name, weight in weights.features.items()},
    }
    path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--meetings", type=Path, default=default_folder())
    parser.add_argument("--out", type=Path, default=offline.WEIGHTS)
    options = parser.parse_args()
    write(train(load_folder(options.meetings)), options.out)


if __name__ == "__main__":
    main()

"""Logistic regression with an L2 penalty, small enough to need no library."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 25
CLOSE = 1e-5

Row = Sequence[tuple[int, float]]


def fit(
    rows: Sequence[Mapping[str, float]],
    labels: Sequence[bool],
    penalty: float,
    prior: Mapping[str, float],
) -> tuple[float, dict[str, float]]:
    """The bias and a weight for each feature that varies.

    Minimises the summed log loss plus `penalty` / 2 times the squared distance of the weights from
    `prior` (0 where it is silent), on features scaled to unit deviation, by Newton's method. The
    bias is free. Prior and result apply to the features as they are.
    """
    scale = _deviations(rows)
    place = {name: at for at, name in enumerate(sorted(scale), start=1)}
    scaled = [
        sorted(
            [(0, 1.0)]
            + [(place[name], value / scale[name]) for name, value in row.items() if name in scale]
        )
        for row in rows
    ]
    expected = [0.0] + [prior.get(name, 0.0) * scale[name] for name in place]
    problem = _Problem(scaled, labels, expected, [0.0] + [penalty] * len(place))
    weights = _minimise(problem, [_log_odds(labels), *expected[1:]])
    return weights[0], {name: weights[at] / scale[name] for name, at in place.items()}


@dataclass(frozen=True, slots=True)
class _Problem:
    rows: Sequence[Row]
    labels: Sequence[bool]
    expected: Sequence[float]
    penalties: Sequence[float]

    def loss(self, weights: Sequence[float]) -> float:
        fault = sum(
            _softplus(-score if label else score)
            for score, label in zip(self._scores(weights), self.labels, strict=True)
        )
        terms = zip(self.penalties, weights, self.expected, strict=True)
        return fault + sum(penalty / 2 * (weight - by) ** 2 for penalty, weight, by in terms)

    def step(self, weights: Sequence[float]) -> list[float]:
        """Newton's: the curvature's inverse times the slope."""
        terms = zip(self.penalties, weights, self.expected, strict=True)
        slope = [penalty * (weight - by) for penalty, weight, by in terms]
        curvature = [[0.0] * len(weights) for _ in weights]
        for at, penalty in enumerate(self.penalties):
            curvature[at][at] = penalty
        for row, score, label in zip(self.rows, self._scores(weights), self.labels, strict=True):
            odds = math.exp(-_softplus(-score))
            error, spread = odds - label, odds * (1 - odds)
            for until, (at, value) in enumerate(row, start=1):
                slope[at] += error * value
                line, share = curvature[at], spread * value
                for other, second in row[:until]:
                    line[other] += share * second
        return _solve(curvature, slope)

    def _scores(self, weights: Sequence[float]) -> Iterator[float]:
        for row in self.rows:
            yield sum(weights[at] * value for at, value in row)


def _minimise(problem: _Problem, weights: list[float]) -> list[float]:
    """Newton's method, each step halved until it lowers the loss."""
    loss = problem.loss(weights)
    for _ in range(ROUNDS):
        step = problem.step(weights)
        while True:
            moved = [weight - by for weight, by in zip(weights, step, strict=True)]
            reached = problem.loss(moved)
            if reached <= loss or max(map(abs, step)) < CLOSE:
                break
            step = [by / 2 for by in step]
        weights, loss = moved, reached
        if max(map(abs, step)) < CLOSE:
            break
    return weights


def _log_odds(labels: Sequence[bool]) -> float:
    """Of the labels with one more of either kind, so that there is a start for any."""
    yes = 1 + sum(labels)
    return math.log(yes / (len(labels) + 2 - yes))


def _softplus(score: float) -> float:
    return max(score, 0.0) + math.log1p(math.exp(-abs(score)))


def _deviations(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    total, squares = defaultdict(float), defaultdict(float)
    for row in rows:
        for name, value in row.items():
            total[name] += value
            squares[name] += value * value
    variances = {name: squares[name] / len(rows) - (total[name] / len(rows)) ** 2 for name in total}
    return {name: math.sqrt(variance) for name, variance in variances.items() if variance > 1e-9}


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Solves a symmetric positive definite system, given its lower half, by Cholesky's way."""
    size = len(right)
    lower: list[list[float]] = []
    for i in range(size):
        line: list[float] = []
        for j in range(i + 1):
            other = lower[j] if j < i else line
            rest = matrix[i][j] - sum(line[k] * other[k] for k in range(j))
            line.append(math.sqrt(rest) if j == i else rest / lower[j][j])
        lower.append(line)
    half: list[float] = []
    for i in range(size):
        known = sum(lower[i][k] * half[k] for k in range(i))
        half.append((right[i] - known) / lower[i][i])
    found = [0.0] * size
    for i in reversed(range(size)):
        known = sum(lower[k][i] * found[k] for k in range(i + 1, size))
        found[i] = (half[i] - known) / lower[i][i]
    return found

"""The best of all segmentations of a series, by dynamic programming."""

from __future__ import annotations

import numpy as np

from relations.measures._scatter import log_likelihood, slopes


class Segments:
    """All segments of a series: for each the best rate and its log-likelihood."""

    def __init__(self, count: np.ndarray, exposure: np.ndarray, shortest: int) -> None:
        self.size, self.shortest = len(count), shortest
        pairs = [
            (start, end)
            for start in range(self.size)
            for end in range(start + shortest, self.size + 1)
        ]
        self.pairs = np.array(pairs)
        self.inside = np.concatenate([np.arange(start, end) for start, end in pairs])
        lengths = self.pairs[:, 1] - self.pairs[:, 0]
        self.first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        self.owner = np.repeat(np.arange(len(pairs)), lengths)
        self.count, self.exposure = count[self.inside], exposure

    def table(self, excess: float, log_trend: np.ndarray) -> np.ndarray:
        """Return the best log-likelihood of each segment, by its start and its end."""
        exposure = (self.exposure * np.exp(log_trend))[self.inside]
        total = np.add.reduceat(self.count, self.first)
        log_rate = np.log(np.maximum(total, 1e-6) / np.add.reduceat(exposure, self.first))
        for _ in range(12):
            mean = exposure * np.exp(log_rate)[self.owner]
            by_mean, _ = slopes(self.count, mean, excess)
            push = np.add.reduceat(by_mean, self.first)
            # Scoring with the information of quasi-likelihood, which is close and above 0.
            pull = np.add.reduceat(mean, self.first) / (1 + excess)
            step = np.where(total > 0, push / np.maximum(pull, 1e-9), 0.0)
            log_rate = log_rate + np.clip(step, -1, 1)
            if np.abs(step).max() < 1e-7:
                break
        mean = np.where(total > 0, np.exp(log_rate), 0.0)[self.owner] * exposure
        value = np.where(total > 0, 1.0, 0.0)[self.owner] * log_likelihood(self.count, mean, excess)
        best = np.full((self.size + 1, self.size + 1), -np.inf)
        best[self.pairs[:, 0], self.pairs[:, 1]] = np.add.reduceat(value, self.first)
        return best

    def best(self, table: np.ndarray, most: int) -> list[tuple[float, tuple[int, ...]]]:
        """Return, for 0 to ``most`` breaks, the highest log-likelihood and where levels begin."""
        heights = [table[0]]
        before = [np.zeros(self.size + 1, dtype=int)]
        for _ in range(most):
            through = heights[-1][:, None] + table
            before.append(through.argmax(axis=0))
            heights.append(through.max(axis=0))
        found = []
        for breaks in range(most + 1):
            end, starts = self.size, []
            for used in range(breaks, 0, -1):
                end = int(before[used][end])
                starts.append(end)
            found.append((float(heights[breaks][self.size]), tuple(starts[::-1])))
        return found

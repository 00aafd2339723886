"""Small linear algebra for the fits: a positive definite matrix as a list of rows."""

import math

Matrix = list[list[float]]


def cholesky(matrix: Matrix) -> Matrix:
    """The lower triangle L with L L' = matrix, which is symmetric and positive definite."""
    size = len(matrix)
    low = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - sum(low[i][k] * low[j][k] for k in range(j))
            low[i][j] = math.sqrt(max(rest, 1e-12)) if i == j else rest / low[j][j]
    return low


def solve(low: Matrix, right: list[float]) -> list[float]:
    """x of (L L') x = right."""
    size, x = len(low), list(right)
    for i in range(size):
        x[i] = (x[i] - sum(low[i][k] * x[k] for k in range(i))) / low[i][i]
    for i in reversed(range(size)):
        x[i] = (x[i] - sum(low[k][i] * x[k] for k in range(i + 1, size))) / low[i][i]
    return x


def spreads(low: Matrix) -> list[float]:
    """Square roots of the diagonal of (L L')^-1: the standard deviations where L L' is a precision."""
    size = len(low)
    columns = (solve(low, [float(i == k) for i in range(size)]) for k in range(size))
    return [math.sqrt(column[k]) for k, column in enumerate(columns)]

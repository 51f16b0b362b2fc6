"""PyTorch's version of ../rows/mlp-step.mjs."""

from networks import mlp
from torch.nn.functional import cross_entropy
from training import split, training_loop


def pytorch(arrays):
    params, x, y = split(arrays, "x", "y")
    labels = y.long()
    return training_loop(params, lambda *params: cross_entropy(mlp(x, *params), labels), rate=0.1)


prepare = {"pytorch": pytorch}

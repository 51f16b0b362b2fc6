"""PyTorch's version of ../rows/cnn-step.mjs."""

from networks import cnn
from torch.nn.functional import cross_entropy
from training import split, training_loop


def pytorch(arrays):
    params, x, y = split(arrays, "x", "y")
    labels = y.long()
    return training_loop(params, lambda *params: cross_entropy(cnn(x, *params), labels), rate=0.05)


prepare = {"pytorch": pytorch}

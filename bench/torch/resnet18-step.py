"""PyTorch's version of ../rows/resnet18-step.mjs."""

import torch
from torch.nn.functional import batch_norm, conv2d, cross_entropy
from training import split, training_loop

STAGES = (1, 2, 2, 2)  # the stride of the first block of each; two blocks a stage


def resnet18(x, params):
    """Takes the parameters from the iterator in the order of the row's arrays: kernel, scale and shift of each layer."""

    def layer(x, stride=1, padding=1):
        x = conv2d(x, next(params), stride=stride, padding=padding)
        return batch_norm(x, None, None, next(params), next(params), training=True)

    x = torch.relu(layer(x))
    for first_stride in STAGES:
        for stride in (first_stride, 1):
            y = layer(torch.relu(layer(x, stride)))
            shortcut = layer(x, stride, padding=0) if stride > 1 else x
            x = torch.relu(y + shortcut)
    w, b = next(params), next(params)
    return torch.addmm(b, x.mean((2, 3)), w)


def pytorch(arrays):
    params, x, y = split(arrays, "x", "y")
    labels = y.long()
    return training_loop(params, lambda *params: cross_entropy(resnet18(x, iter(params)), labels), rate=0.02)


prepare = {"pytorch": pytorch}

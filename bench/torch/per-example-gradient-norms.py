"""functorch's version of ../rows/per-example-gradient-norms.mjs."""

import torch
from functorch import grad, vmap
from networks import mlp
from torch.nn.functional import cross_entropy
from training import evaluation, split


def per_example_gradients(arrays):
    params, x, y = split(arrays, "x", "y")
    params = tuple(params)
    loss = lambda params, x, y: cross_entropy(mlp(x.unsqueeze(0), *params), y.unsqueeze(0))
    gradients = vmap(grad(loss), (None, 0, 0))
    labels = y.long()

    def compute():
        squares = [layer.flatten(1).square().sum(1) for layer in gradients(params, x, labels)]
        return [torch.stack(squares).sum(0).sqrt()]

    return evaluation(compute)


prepare = {"functorch": per_example_gradients}

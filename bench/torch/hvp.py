"""Hessian-vector products by two backward passes."""

import torch
from torch.nn.functional import cross_entropy
from training import evaluation, split


def double_backward(network, arrays):
    """The Hessian of the cross-entropy of `network` at the parameters, times the direction (arrays named v...)."""
    weights = {name: tensor for name, tensor in arrays.items() if not name.startswith("v_")}
    params, x, y = split(weights, "x", "y")
    params = [param.requires_grad_() for param in params]
    direction = [tensor for name, tensor in arrays.items() if name.startswith("v_")]
    labels = y.long()

    def compute():
        loss = cross_entropy(network(x, *params), labels)
        gradients = torch.autograd.grad(loss, params, create_graph=True)
        return torch.autograd.grad(gradients, params, direction)

    return evaluation(compute)

"""PyTorch's version of ../rows/mlp-step.mjs, written for speed like tiny-mlp-step.py."""

import torch
from torch.nn.functional import cross_entropy

RATE = 0.1


def prepare(arrays):
    x, y = arrays["x"], arrays["y"].long()
    params = []

    def restart():
        params[:] = [arrays[name].clone().requires_grad_() for name in ("w1", "b1", "w2", "b2", "w3", "b3")]

    def step():
        w1, b1, w2, b2, w3, b3 = params
        hidden = torch.relu(torch.addmm(b1, x, w1))
        hidden = torch.relu(torch.addmm(b2, hidden, w2))
        loss = cross_entropy(torch.addmm(b3, hidden, w3), y)
        gradients = torch.autograd.grad(loss, params)
        with torch.no_grad():
            for param, gradient in zip(params, gradients):
                param.sub_(gradient, alpha=RATE)
        return loss

    def run(steps):
        for _ in range(steps):
            loss = step()
        return loss.item()

    return restart, run

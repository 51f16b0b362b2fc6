"""PyTorch's version of ../rows/tiny-mlp-step.mjs.

Written for speed: the functional form with autograd.grad takes two thirds of the time that nn.Linear with optim.SGD
takes here.
"""

import torch
from torch.nn.functional import mse_loss

RATE = 0.05


def prepare(arrays):
    x, y = arrays["x"], arrays["y"]
    params = []

    def restart():
        params[:] = [arrays[name].clone().requires_grad_() for name in ("w1", "b1", "w2", "b2")]

    def step():
        w1, b1, w2, b2 = params
        hidden = torch.relu(torch.addmm(b1, x, w1))
        loss = mse_loss(torch.addmm(b2, hidden, w2), y)
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

"""PyTorch's versions of ../rows/vmap-ensemble.mjs: a loop over the networks, functorch's vmap, and for comparison the
batched products that an expert writes by hand."""

import torch
from functorch import grad_and_value, vmap
from torch.nn.functional import mse_loss
from training import split, training_loop

RATE = 0.05


def network(x, w1, b1, w2, b2):
    return torch.addmm(b2, torch.relu(torch.addmm(b1, x, w1)), w2)


def loop(arrays):
    """Each network takes its step for itself."""
    stacked, x, y = split(arrays, "x", "y")
    networks = []

    def restart():
        networks[:] = [[p.clone().requires_grad_() for p in params] for params in zip(*stacked)]

    def run(steps):
        for _ in range(steps):
            losses = []
            for params in networks:
                loss = mse_loss(network(x, *params), y)
                gradients = torch.autograd.grad(loss, params)
                with torch.no_grad():
                    for param, gradient in zip(params, gradients):
                        param.sub_(gradient, alpha=RATE)
                losses.append(loss.detach())
        return torch.stack(losses).mean().item()

    return restart, run


def vmapped(arrays):
    stacked, x, y = split(arrays, "x", "y")
    loss = lambda params: mse_loss(network(x, *params), y)
    gradients_and_losses = vmap(grad_and_value(loss))
    params = []

    def restart():
        params[:] = [p.clone() for p in stacked]

    def run(steps):
        for _ in range(steps):
            gradients, losses = gradients_and_losses(tuple(params))
            for param, gradient in zip(params, gradients):
                param.sub_(gradient, alpha=RATE)
        return losses.mean().item()

    return restart, run


def batched(arrays):
    stacked, x, y = split(arrays, "x", "y")
    count = stacked[0].shape[0]
    xs = x.expand(count, *x.shape)

    def loss(w1, b1, w2, b2):
        hidden = torch.relu(torch.baddbmm(b1.unsqueeze(1), xs, w1))
        return (torch.baddbmm(b2.unsqueeze(1), hidden, w2) - y).square().mean()

    # The mean over networks divides each network's gradient by their number.
    return training_loop(stacked, loss, rate=RATE * count)


prepare = {"pytorch": loop, "functorch": vmapped, "baddbmm": batched}

"""PyTorch's version of ../rows/tiny-mlp-step.mjs."""

import torch
from torch.nn.functional import mse_loss
from training import split, training_loop


def pytorch(arrays):
    params, x, y = split(arrays, "x", "y")

    def loss(w1, b1, w2, b2):
        hidden = torch.relu(torch.addmm(b1, x, w1))
        return mse_loss(torch.addmm(b2, hidden, w2), y)

    return training_loop(params, loss, rate=0.05)


prepare = {"pytorch": pytorch}

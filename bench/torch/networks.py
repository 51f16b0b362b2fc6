"""The networks of several rows, as functions of their parameters in the order of the rows' arrays."""

import torch
from torch.nn.functional import conv2d, max_pool2d


def mlp(x, w1, b1, w2, b2, w3, b3):
    hidden = torch.relu(torch.addmm(b1, x, w1))
    hidden = torch.relu(torch.addmm(b2, hidden, w2))
    return torch.addmm(b3, hidden, w3)


def cnn(x, k1, b1, k2, b2, k3, b3, k4, b4, w, b):
    x = torch.relu(conv2d(x, k1, b1, padding=1))
    x = torch.relu(conv2d(x, k2, b2, padding=1))
    x = max_pool2d(x, 2)
    x = torch.relu(conv2d(x, k3, b3, padding=1))
    x = torch.relu(conv2d(x, k4, b4, padding=1))
    x = max_pool2d(x, 2)
    return torch.addmm(b, x.flatten(1), w)

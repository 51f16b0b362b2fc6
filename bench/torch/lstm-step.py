"""PyTorch's versions of ../rows/lstm-step.mjs: the cell in a loop, and the whole sequence in one call of nn.LSTM's
function, which is the cell in a loop in C++."""

import torch
from torch.nn.functional import cross_entropy
from training import split, training_loop

HIDDEN = 64


def problem(arrays):
    """The row's arrays, with the weights of the cell the way round that PyTorch keeps them: [outputs, inputs]."""
    params, x, y = split(arrays, "x", "y")
    w_input, w_hidden, *rest = params
    return [w_input.T.contiguous(), w_hidden.T.contiguous(), *rest], x, y.long()


def cell_loop(arrays):
    params, x, labels = problem(arrays)
    start = torch.zeros(x.shape[1], HIDDEN)

    def loss(w_input, w_hidden, b_input, b_hidden, w, b):
        h, c = start, start
        for x_t in x.unbind():
            h, c = torch.lstm_cell(x_t, (h, c), w_input, w_hidden, b_input, b_hidden)
        return cross_entropy(torch.addmm(b, h, w), labels)

    return training_loop(params, loss, rate=0.1)


def whole_sequence(arrays):
    params, x, labels = problem(arrays)
    start = torch.zeros(1, x.shape[1], HIDDEN)

    def loss(w_input, w_hidden, b_input, b_hidden, w, b):
        cell = [w_input, w_hidden, b_input, b_hidden]
        _, h, _ = torch.lstm(x, (start, start), cell, True, 1, 0.0, True, False, False)
        return cross_entropy(torch.addmm(b, h[0], w), labels)

    return training_loop(params, loss, rate=0.1)


prepare = {"pytorch": cell_loop, "nn.LSTM": whole_sequence}

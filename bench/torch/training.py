"""What the versions of PyTorch share: loops of training steps, and repeated evaluations.

Written for speed: the functional form with autograd.grad takes two thirds of the time that nn.Linear with optim.SGD
takes on a tiny network.
"""

import torch


def training_loop(initial, loss, rate):
    """Gradient descent on `loss(*params)` from the initial tensors: what a row's `prepare` returns."""
    params = []

    def restart():
        params[:] = [tensor.clone().requires_grad_() for tensor in initial]

    def run(steps):
        for _ in range(steps):
            value = loss(*params)
            gradients = torch.autograd.grad(value, params)
            with torch.no_grad():
                for param, gradient in zip(params, gradients):
                    param.sub_(gradient, alpha=rate)
        return value.item()

    return restart, run


def evaluation(compute):
    """Calls `compute()` again and again; the value is the Euclidean norm of the tensors that it returns."""

    def run(steps):
        for _ in range(steps):
            results = compute()
        with torch.no_grad():
            return torch.stack([tensor.norm() for tensor in results]).norm().item()

    return lambda: None, run


def split(arrays, *data):
    """The parameters, a list of tensors in their order, and the named data after it."""
    params = [tensor for name, tensor in arrays.items() if name not in data]
    return params, *(arrays[name] for name in data)

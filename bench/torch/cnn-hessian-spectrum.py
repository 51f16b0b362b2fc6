"""PyTorch's versions of ../rows/cnn-hessian-spectrum.mjs: Lanczos over Hessian-vector products by double backward.

`pytorch` is the usual form (PyHessian's): for every product the gradient of each batch is computed anew with its graph.
`pytorch, kept graphs` computes those gradients once and keeps the graphs of all batches, some gigabytes.
"""

import math
import time

import torch
from networks import cnn
from torch.nn.functional import cross_entropy
from training import split

batch_sizes = [25, 50, 125, 250, 500]


def spectrum(keep):
    def prepare(arrays):
        params, x, y, start, settings = split(arrays, "x", "y", "start", "settings")
        params = [param.requires_grad_() for param in params]
        x, labels = x.contiguous(memory_format=torch.channels_last), y.long()
        steps, wanted, points = settings.tolist()

        def batches(size):
            return list(zip(x.split(size), labels.split(size)))

        def gradient(batch):
            images, labels = batch
            loss = cross_entropy(cnn(images, *params), labels, reduction="sum") / len(x)
            return torch.autograd.grad(loss, params, create_graph=True)

        def operator(size):
            """A function that multiplies a vector by the Hessian."""
            parts = batches(size)
            gradients = [gradient(batch) for batch in parts] if keep else None

            def product(vector):
                ends = torch.split(vector, [param.numel() for param in params])
                direction = [end.view_as(param) for end, param in zip(ends, params)]
                total = torch.zeros_like(vector)
                for i, batch in enumerate(parts):
                    found = torch.autograd.grad(
                        gradients[i] if keep else gradient(batch), params, direction, retain_graph=keep
                    )
                    total += torch.cat([tensor.reshape(-1) for tensor in found])
                return total

            return product

        size = fastest(gradient, batches, params, keep)

        def run(times):
            for _ in range(times):
                alpha, beta, residual = lanczos(operator(size), start, steps)
                results = ritz(alpha, beta, residual, steps, wanted, points)
            values, density = results
            return [*values.tolist(), density.tolist()]

        return lambda: None, run

    return prepare


def fastest(gradient, batches, params, keep):
    """The batch size with the fastest product."""
    directions = [torch.ones_like(param) for param in params]

    def seconds(size):
        batch = batches(size)[0]
        gradients = gradient(batch)
        times = []
        for _ in range(4):
            begin = time.perf_counter()
            torch.autograd.grad(gradients if keep else gradient(batch), params, directions, retain_graph=keep)
            times.append(time.perf_counter() - begin)
        return min(times) / len(batch[0])

    return min([size for size in batch_sizes if size <= sum(len(labels) for _, labels in batches(500))], key=seconds)


def lanczos(product, start, steps):
    """Diagonal and off-diagonal of T, and the norm of the residual; each vector is orthogonalized against all before."""
    basis = torch.zeros(steps, len(start))
    basis[0] = start / start.norm()
    alpha, beta = [], []
    for k in range(steps):
        rest = product(basis[k])
        alpha.append(torch.dot(basis[k], rest).item())
        rest = rest - alpha[k] * basis[k]
        if k > 0:
            rest -= beta[k - 1] * basis[k - 1]
        known = basis[: k + 1]
        rest -= torch.mv(known.t(), torch.mv(known, rest))
        beta.append(rest.norm().item())
        if k + 1 < steps:
            basis[k + 1] = rest / beta[k]
    return alpha, beta[:-1], beta[-1]


def ritz(alpha, beta, residual, steps, wanted, points):
    """The largest Ritz values, ascending, and the density: a Gaussian for each value, with Papyan's width."""
    alpha, beta = torch.tensor(alpha, dtype=torch.float64), torch.tensor(beta, dtype=torch.float64)
    values, vectors = torch.linalg.eigh(torch.diag(alpha) + torch.diag(beta, 1) + torch.diag(beta, -1))
    weights, bounds = vectors[0] ** 2, (residual * vectors[-1]).abs()
    low, high = (values[0] - bounds[0]).item(), (values[-1] + bounds[-1]).item()
    margin = 0.05 * (high - low)
    low, high = low - margin, high + margin
    width = (high - low) / (steps - 1) / math.sqrt(8 * math.log(1.25))
    grid = torch.linspace(low, high, points, dtype=torch.float64)
    gaussians = torch.exp(-(((grid[:, None] - values) / width) ** 2) / 2) / (width * math.sqrt(2 * math.pi))
    return values[-wanted:], gaussians @ weights


prepare = {"pytorch": spectrum(False), "pytorch, kept graphs": spectrum(True)}

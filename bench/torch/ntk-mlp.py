"""functorch's version of ../rows/ntk-mlp.mjs: the Jacobian by vmap of grad, in chunks that fit the memory, then its
product with itself, layer by layer."""

import torch
from functorch import grad, vmap
from networks import mlp
from training import evaluation, split


def jacobian_products(arrays):
    params, x = split(arrays, "x")
    params = tuple(params)
    output = lambda params, x: mlp(x.unsqueeze(0), *params)[0, 0]
    jacobian = vmap(grad(output), (None, 0))

    def compute():
        kernel = torch.zeros(len(x), len(x))
        for layer in jacobian(params, x):
            rows = layer.flatten(1)
            kernel.addmm_(rows, rows.T)
        return [kernel]

    return evaluation(compute)


prepare = {"functorch": jacobian_products}

"""PyTorch's version of ../rows/hvp-mlp.mjs."""

from hvp import double_backward
from networks import mlp

prepare = {"pytorch": lambda arrays: double_backward(mlp, arrays)}

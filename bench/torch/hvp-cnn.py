"""PyTorch's version of ../rows/hvp-cnn.mjs."""

from hvp import double_backward
from networks import cnn

prepare = {"pytorch": lambda arrays: double_backward(cnn, arrays)}

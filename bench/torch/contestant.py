"""A process that runs one of PyTorch's versions of a row: contestant.py <version> <row> <folder of the problem> <threads>.

The twin of ../lib/child.mjs: reads commands {"steps": n}, starts from the initial state each time, does n steps, and
answers {"value": the result of the last step, "seconds": the time of the steps}.
"""

import json
import pathlib
import runpy
import sys
import time

import numpy
import torch


def read_problem(folder):
    """The arrays that the benchmark wrote, as tensors by name."""
    arrays = {}
    with open(folder / "arrays.bin", "rb") as numbers:
        for entry in json.loads((folder / "arrays.json").read_text()):
            count = int(numpy.prod(entry["shape"]))
            values = numpy.fromfile(numbers, dtype=entry["type"], count=count).reshape(entry["shape"])
            arrays[entry["name"]] = torch.from_numpy(values)
    return arrays


def matmul_gflops(n=512):
    """How fast this PyTorch multiplies matrices: tells a real BLAS from the reference one."""
    a, b = torch.randn(n, n), torch.randn(n, n)
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - start)
    return 2 * n**3 / best / 1e9


def answer(message):
    print(json.dumps(message), flush=True)


name, row, folder, threads = *sys.argv[1:3], pathlib.Path(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
try:
    row_module = runpy.run_path(str(pathlib.Path(__file__).with_name(row + ".py")))
    restart, run = row_module["prepare"][name](read_problem(folder))
    answer({"ready": True, "matmulGflops": matmul_gflops()})
    for line in sys.stdin:
        steps = json.loads(line)["steps"]
        restart()
        start = time.perf_counter()
        value = run(steps)
        answer({"value": value, "seconds": time.perf_counter() - start})
except Exception as error:
    answer({"error": f"{type(error).__name__}: {error}"})
    raise

"""Small networks in PyTorch, float64: parameters, inputs, outputs and gradients, for the tests of src/nn.

    python3 src/nn/reference/generate.py

writes vectors.json beside this file. PyTorch 1.13 wrote the stored one. Trees have the names and the layout of
this library: a dense weight is [inputs, outputs]. The gradients are those of sum(y * cos(0, 1, 2, ...)).
"""

import base64
import json
import math
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)


def stored(x):
    dtype = "int32" if not x.is_floating_point() else "float64"
    data = x.detach().contiguous().numpy().astype("<i4" if dtype == "int32" else "<f8")
    return {"shape": list(x.shape), "dtype": dtype, "data": base64.b64encode(data.tobytes()).decode()}


def tree(node, read):
    """A nest of parameters with `read` applied; (parameter, function) pairs are rearranged by the function."""
    if isinstance(node, dict):
        return {k: tree(v, read) for k, v in node.items()}
    if isinstance(node, list):
        return [tree(v, read) for v in node]
    if isinstance(node, tuple):
        return stored(node[1](read(node[0])))
    return None if node is None else stored(read(node))


def scrambled(module):
    """Biases, gains and statistics too, away from 0 and 1."""
    with torch.no_grad():
        for p in module.parameters():
            p.copy_(0.4 * torch.randn_like(p) + (p == 1).to(p.dtype))
        for name, b in module.named_buffers():
            if name.endswith("running_mean"):
                b.copy_(0.3 * torch.randn_like(b))
            if name.endswith("running_var"):
                b.copy_(0.5 + torch.rand_like(b))
    return module


def transposed(p):
    return (p, lambda x: x.T)


def dense(linear):
    return {"weight": transposed(linear.weight), "bias": linear.bias}


def norm(layer):
    return {"gain": layer.weight, "bias": layer.bias}


def record(f, params, x, **more):
    """f(x) -> y, or (y, what else to store)."""
    x = x.clone()
    if x.is_floating_point():
        x.requires_grad_(True)
    result = f(x)
    y, extra = result if isinstance(result, tuple) else (result, {})
    torch.sum(y * torch.cos(torch.arange(y.numel(), dtype=y.dtype)).reshape(y.shape)).backward()
    return {
        "params": tree(params, lambda p: p),
        "x": stored(x),
        "y": stored(y),
        "gradient": tree(params, lambda p: p.grad),
        "xGradient": stored(x.grad) if x.is_floating_point() else None,
        **{k: tree(v, lambda p: p) for k, v in {**more, **extra}.items()},
    }


def recurrent(kind):
    layer = scrambled(kind(4, 3))
    params = {
        "input": {"weight": transposed(layer.weight_ih_l0), "bias": layer.bias_ih_l0},
        "recurrent": {"weight": transposed(layer.weight_hh_l0), "bias": layer.bias_hh_l0},
    }
    return record(lambda x: layer(x)[0], params, torch.randn(5, 2, 4))


def minimal_rnn():
    encoder, v, w = scrambled(nn.Linear(4, 3)), scrambled(nn.Linear(3, 3, bias=False)), scrambled(nn.Linear(3, 3))

    def f(xs):
        h, out = torch.zeros(2, 3), []
        for x in xs:
            z = torch.tanh(encoder(x))
            u = torch.sigmoid(w(h) + v(z))
            h = u * h + (1 - u) * z
            out.append(h)
        return torch.stack(out)

    params = {"encoder": dense(encoder), "input": transposed(v.weight), "recurrent": dense(w)}
    return record(f, params, torch.randn(5, 2, 4))


def normalization(layer, x):
    scrambled(layer)
    return record(layer, norm(layer), x)


def batch_norm(training):
    layer = scrambled(nn.BatchNorm2d(3)).train(training)
    before = {"mean": layer.running_mean.clone(), "variance": layer.running_var.clone()}

    def f(x):
        y = layer(x)
        return y, {"nextState": {"mean": layer.running_mean.clone(), "variance": layer.running_var.clone()}}

    return record(f, norm(layer), 2 + torch.randn(4, 3, 2, 3), state=before)


def rms_norm():
    layer = scrambled(nn.LayerNorm(5))
    f = lambda x: x / torch.sqrt((x * x).mean(-1, keepdim=True) + 1e-5) * layer.weight
    return record(f, {"gain": layer.weight}, torch.randn(3, 5))


def attention_params(layer, width):
    part = lambda i: {
        "weight": (layer.in_proj_weight, lambda w: w[i * width : (i + 1) * width].T),
        "bias": (layer.in_proj_bias, lambda b: b[i * width : (i + 1) * width]),
    }
    return {"query": part(0), "key": part(1), "value": part(2), "output": dense(layer.out_proj)}


def attention(causal, context=None):
    layer = scrambled(nn.MultiheadAttention(4, 2, batch_first=True))
    hidden = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1) if causal else None
    f = lambda x: layer(x, *([x, x] if context is None else [context, context]), attn_mask=hidden)[0]
    more = {} if context is None else {"context": context}
    return record(f, attention_params(layer, 4), torch.randn(2, 3, 4), **more)


def transformer(causal, vocabulary):
    width, length = 4, 5
    embed = scrambled(nn.Embedding(vocabulary, width) if vocabulary else nn.Linear(3, width))
    positions = nn.Parameter(torch.randn(length, width)) if causal else None
    blocks = [
        scrambled(nn.TransformerEncoderLayer(width, 2, 6, 0.0, "gelu", batch_first=True, norm_first=True))
        for _ in range(2)
    ]
    last, readout = scrambled(nn.LayerNorm(width)), scrambled(nn.Linear(width, 3))

    def sinusoidal(t):
        i = torch.arange(width // 2)
        angle = torch.arange(t)[:, None] / 10000 ** (2 * i / width)
        return torch.stack([torch.sin(angle), torch.cos(angle)], -1).reshape(t, width)

    def f(x):
        t = x.shape[1]
        h = embed(x) + (positions[:t] if causal else sinusoidal(t))
        hidden = torch.triu(torch.ones(t, t, dtype=torch.bool), 1) if causal else None
        for block in blocks:
            h = block(h, src_mask=hidden)
        return readout(last(h))

    params = {
        "embed": embed.weight if vocabulary else dense(embed),
        "positions": positions,
        "blocks": [
            {
                "attentionNorm": norm(b.norm1),
                "attention": attention_params(b.self_attn, width),
                "mlpNorm": norm(b.norm2),
                "up": dense(b.linear1),
                "down": dense(b.linear2),
            }
            for b in blocks
        ],
        "norm": norm(last),
        "readout": dense(readout),
    }
    return record(f, params, torch.randint(vocabulary, (2, 4)) if vocabulary else torch.randn(2, 4, 3))


def gcn():
    edges = torch.tensor([[0, 1], [1, 2], [2, 0], [2, 3], [4, 3]])
    a = torch.zeros(5, 5)
    for i, j in edges:
        a[i, j] = a[j, i] = 1
    loops = a + torch.eye(5)
    root = loops.sum(1) ** -0.5
    normalized = root[:, None] * loops * root
    layers = [scrambled(nn.Linear(4, 3)), scrambled(nn.Linear(3, 3)), scrambled(nn.Linear(3, 6))]

    def f(h):
        for i, layer in enumerate(layers):
            h = normalized @ (h @ layer.weight.T) + layer.bias
            h = h if i == len(layers) - 1 else torch.relu(h)
        return h

    return record(f, [dense(l) for l in layers], torch.randn(5, 4), adjacency=a, edges=edges.int())


def deep_sets(pool):
    phi = scrambled(nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3)))
    rho = scrambled(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)))
    mask = torch.tensor([[1, 1, 1, 1], [1, 0, 1, 0]])

    def f(x):
        rows = []
        for codes, exists in zip(phi(x), mask):
            codes = codes[exists == 1]
            rows.append(codes.max(0).values if pool == "max" else getattr(codes, pool)(0))
        return rho(torch.stack(rows))

    params = {name: [dense(net[0]), dense(net[2])] for name, net in [("phi", phi), ("rho", rho)]}
    return record(f, params, torch.randn(2, 4, 2), mask=mask.int())


def embedding():
    layer = nn.Embedding(5, 3)
    return record(layer, layer.weight, torch.tensor([[1, 4, 1], [0, 1, 4]]))


vectors = {
    "vanillaRnn": recurrent(nn.RNN),
    "lstm": recurrent(nn.LSTM),
    "gru": recurrent(nn.GRU),
    "minimalRnn": minimal_rnn(),
    "layerNorm": normalization(nn.LayerNorm([2, 3]), 3 + torch.randn(4, 2, 3)),
    "groupNorm": normalization(nn.GroupNorm(2, 4), 3 + torch.randn(2, 4, 3, 2)),
    "instanceNorm": normalization(nn.InstanceNorm1d(3, affine=True), torch.randn(2, 3, 4)),
    "rmsNorm": rms_norm(),
    "batchNormTraining": batch_norm(True),
    "batchNormInference": batch_norm(False),
    "embedding": embedding(),
    "attentionCausal": attention(True),
    "attentionCross": attention(False, torch.randn(2, 5, 4)),
    "decoder": transformer(True, 7),
    "encoder": transformer(False, 0),
    "gcn": gcn(),
    "deepSetsSum": deep_sets("sum"),
    "deepSetsMean": deep_sets("mean"),
    "deepSetsMax": deep_sets("max"),
}

path = pathlib.Path(__file__).with_name("vectors.json")
path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in vectors.items()) + "\n}\n")

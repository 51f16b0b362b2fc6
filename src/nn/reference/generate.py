"""Small networks in PyTorch, float64: parameters, inputs, outputs and gradients, for the tests of src/nn.

    python3 src/nn/reference/generate.py

writes vectors.json beside this file (format it with the rest). PyTorch 1.13 wrote the stored one. Trees have the names and the layout of
this library: a dense weight is [inputs, outputs]. The gradients are those of sum(y * cos(0, 1, 2, ...)).
"""

import base64
import json
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)


def stored(x):
    """dtype, shape, and the little-endian elements in base 64."""
    dtype = "int32" if not x.is_floating_point() else "float64"
    data = x.detach().contiguous().numpy().astype("<i4" if dtype == "int32" else "<f8")
    return f"{dtype}{json.dumps(list(x.shape))} {base64.b64encode(data.tobytes()).decode()}"


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


def conv(layer, x):
    scrambled(layer)
    return record(layer, {"weight": layer.weight, "bias": layer.bias}, x)


def conv_params(c):
    return {"weight": c.weight, "bias": c.bias}


class Unit(nn.Module):
    """norm(conv(x)), or conv(relu(norm(x))) with `first`."""

    def __init__(self, inputs, outputs, size, stride=1, norm=True, first=False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=not norm)
        self.norm = nn.BatchNorm2d(inputs if first else outputs) if norm else None
        self.first = first

    def forward(self, x):
        if self.norm is None:
            return self.conv(x)
        return self.conv(torch.relu(self.norm(x))) if self.first else self.norm(self.conv(x))

    def params(self):
        return {"conv": conv_params(self.conv), "norm": self.norm and norm(self.norm)}

    def state(self):
        return self.norm and statistics(self.norm)


def statistics(layer):
    return {"mean": layer.running_mean.clone(), "variance": layer.running_var.clone()}


def stateful(modules, f, params, state, x, training):
    """Parameters of all modules scrambled, then one call with its states before and after."""
    everything = scrambled(nn.ModuleList(modules)).train(training)
    before = state()
    return record(lambda x: (f(x), {"nextState": state()}), params(), x, state=before)


def vgg():
    convs = [Unit(1, 2, 3, norm=False), Unit(2, 3, 3, norm=False), Unit(3, 2, 3, norm=False)]
    hidden, last = nn.Linear(8, 4), nn.Linear(4, 3)

    def f(x):
        x = F.max_pool2d(torch.relu(convs[0](x)), 2)
        x = F.max_pool2d(torch.relu(convs[2](torch.relu(convs[1](x)))), 2)
        return last(torch.relu(hidden(x.flatten(1))))

    params = lambda: {
        "blocks": [[convs[0].params()], [convs[1].params(), convs[2].params()]],
        "head": [dense(hidden), dense(last)],
    }
    state = lambda: [[None], [None, None]]
    return stateful([*convs, hidden, last], f, params, state, torch.randn(2, 1, 8, 8), True)


def resnet(bottleneck, large, option, training):
    """Two stages of one block each, width 2."""
    stem = Unit(1, 2, 7 if large else 3, 2 if large else 1)
    expansion = 4 if bottleneck else 1
    stages, inputs = [], 2
    for width, count in [(2, 1), (4, 1)]:
        blocks = []
        for b in range(count):
            stride, outputs = (2 if b == 0 and width == 4 else 1), width * expansion
            if bottleneck:
                branch = [Unit(inputs, width, 1), Unit(width, width, 3, stride), Unit(width, outputs, 1)]
            else:
                branch = [Unit(inputs, width, 3, stride), Unit(width, outputs, 3)]
            differs = inputs != outputs or stride != 1
            shortcut = Unit(inputs, outputs, 1, stride) if differs and option == "B" else None
            blocks.append((branch, shortcut, stride, outputs))
            inputs = outputs
        stages.append(blocks)
    head = nn.Linear(inputs, 3)

    def f(x):
        h = torch.relu(stem(x))
        if large:
            h = F.max_pool2d(h, 3, 2, 1)
        for branch, shortcut, stride, outputs in sum(stages, []):
            y = h
            for i, unit in enumerate(branch):
                y = unit(y) if i == len(branch) - 1 else torch.relu(unit(y))
            if shortcut is not None:
                h = shortcut(h)
            elif h.shape != y.shape:
                missing = outputs - h.shape[1]
                h = F.pad(h[:, :, ::stride, ::stride], (0, 0, 0, 0, missing // 2, missing - missing // 2))
            h = torch.relu(y + h)
        return head(h.mean((2, 3)))

    nest = lambda read: [
        [{"branch": [read(u) for u in branch], "shortcut": shortcut and read(shortcut)} for branch, shortcut, _, _ in blocks]
        for blocks in stages
    ]
    params = lambda: {"stem": stem.params(), "stages": nest(Unit.params), "head": dense(head)}
    state = lambda: {"stem": stem.state(), "stages": nest(Unit.state)}
    units = [u for branch, shortcut, _, _ in sum(stages, []) for u in branch + [shortcut] if u is not None]
    side = 16 if large else 6
    return stateful([stem, head, *units], f, params, state, torch.randn(2, 1, side, side), training)


def densenet():
    """Growth 2, blocks of two layers and one."""
    stem = nn.Conv2d(1, 4, 3, padding=1, bias=False)
    layer = lambda inputs: [Unit(inputs, 8, 1, first=True), Unit(8, 2, 3, first=True)]
    blocks = [[layer(4), layer(6)], [layer(4)]]
    transition = Unit(8, 4, 1, first=True)
    last, head = nn.BatchNorm2d(6), nn.Linear(6, 3)

    def f(x):
        h = stem(x)
        for b, block in enumerate(blocks):
            for one, two in block:
                h = torch.cat([h, two(one(h))], 1)
            if b == 0:
                h = F.avg_pool2d(transition(h), 2)
        return head(torch.relu(last(h)).mean((2, 3)))

    nest = lambda read: [[[read(u) for u in layer] for layer in block] for block in blocks]
    params = lambda: {
        "stem": conv_params(stem),
        "blocks": nest(Unit.params),
        "transitions": [transition.params()],
        "norm": norm(last),
        "head": dense(head),
    }
    state = lambda: {"blocks": nest(Unit.state), "transitions": [transition.state()], "norm": statistics(last)}
    units = [u for block in blocks for layer in block for u in layer]
    return stateful([stem, transition, last, head, *units], f, params, state, torch.randn(2, 1, 4, 4), True)


vectors = {
    "conv1d": conv(nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), torch.randn(2, 4, 9)),
    "conv2d": conv(nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(1, 0)), torch.randn(2, 2, 5, 4)),
    "conv3d": conv(nn.Conv3d(1, 2, 2), torch.randn(1, 1, 3, 3, 2)),
    "convTranspose2d": conv(
        nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1, output_padding=1, groups=2), torch.randn(2, 2, 3, 2)
    ),
    "vgg": vgg(),
    "resNetBasic": resnet(False, False, "B", True),
    "resNetPadded": resnet(False, False, "A", True),
    "resNetBottleneck": resnet(True, True, "B", False),
    "denseNet": densenet(),
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
path.write_text(json.dumps(vectors, indent=2) + "\n")

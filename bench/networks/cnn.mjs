// A network of four convolutions, 3-32-32-64-64, with ReLU, maxima over 2x2 after the second and the fourth, and a dense
// layer. PyTorch's version is in ../torch/networks.py.

export const classes = 10;
const channels = [3, 32, 32, 64, 64];
const features = 64 * 8 * 8;

export function parameters({ normal, zeros }) {
  const layers = channels.slice(1).flatMap((outputs, i) => [
    [`k${i + 1}`, normal([outputs, channels[i], 3, 3], Math.sqrt(2 / (9 * channels[i])))],
    [`b${i + 1}`, zeros([outputs])],
  ]);
  return {
    ...Object.fromEntries(layers),
    w: normal([features, classes], Math.sqrt(1 / features)),
    b: zeros([classes]),
  };
}

/** For deeptheory. */
export function cnn({ numpy: np }) {
  const layer = (x, k, b) => np.relu(np.add(np.conv(x, k, { padding: 1 }), np.reshape(b, [-1, 1, 1])));
  return (p, x) => {
    const first = np.maxPool(layer(layer(x, p.k1, p.b1), p.k2, p.b2), 2);
    const second = np.maxPool(layer(layer(first, p.k3, p.b3), p.k4, p.b4), 2);
    return np.add(np.matmul(np.reshape(second, [x.shape[0], -1]), p.w), p.b);
  };
}

export function cnnJaxJs({ numpy: np, nn, lax }) {
  const layer = (x, k, b) => nn.relu(lax.conv(x, k, [1, 1], 'SAME').add(b.reshape([-1, 1, 1])));
  const maxPool = (x) => {
    const [n, c, h, w] = x.shape;
    return np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
  };
  return (p, x) => {
    const n = x.shape[0];
    const first = maxPool(layer(layer(x, p.k1, p.b1), p.k2, p.b2));
    const second = maxPool(layer(layer(first, p.k3, p.b3), p.k4, p.b4));
    return np.matmul(second.reshape([n, -1]), p.w).add(p.b);
  };
}

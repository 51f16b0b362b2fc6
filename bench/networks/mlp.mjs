// The network 784-512-512-10 with ReLU. PyTorch's version is in ../torch/networks.py.

export const classes = 10;

export const parameters = ({ normal, zeros }) => ({
  w1: normal([784, 512], Math.sqrt(2 / 784)),
  b1: zeros([512]),
  w2: normal([512, 512], Math.sqrt(2 / 512)),
  b2: zeros([512]),
  w3: normal([512, classes], Math.sqrt(1 / 512)),
  b3: zeros([classes]),
});

/** For deeptheory. */
export function mlp({ numpy: np }) {
  const dense = (x, w, b) => np.add(np.matmul(x, w), b);
  return ({ w1, b1, w2, b2, w3, b3 }, x) => dense(np.relu(dense(np.relu(dense(x, w1, b1)), w2, b2)), w3, b3);
}

export function mlpJaxJs({ numpy: np, nn }) {
  const dense = (x, w, b) => np.matmul(x, w).add(b);
  return ({ w1, b1, w2, b2, w3, b3 }, x) => dense(nn.relu(dense(nn.relu(dense(x, w1, b1)), w2, b2)), w3, b3);
}

export function mlpTfjs(tf) {
  const dense = (a, b, bias, activation) => tf.fused.matMul({ a, b, bias, activation });
  return ([w1, b1, w2, b2, w3, b3], x) => dense(dense(dense(x, w1, b1, 'relu'), w2, b2, 'relu'), w3, b3, 'linear');
}

import { between, hostArray } from '../../array/testing.fixture.ts';
import { type Cases, since } from './draw.fixture.ts';

const recurrent =
  (type: string, gates: number): Cases =>
  (draw) => {
    const opset = since(draw, 7);
    const [time, batch, size, hidden] = [draw.whole(1, 4), draw.whole(1, 3), draw.whole(1, 3), draw.whole(1, 3)];
    const direction = draw.pick(['forward', 'reverse', 'bidirectional']);
    const directions = direction === 'bidirectional' ? 2 : 1;
    const weights = (...shape: number[]) => draw.array([directions, ...shape], between(-1, 1));
    const optional = <T>(x: T): T | null => (draw.coin() ? x : null);
    const lengths = hostArray(
      Array.from({ length: batch }, () => draw.whole(1, time)),
      [batch],
      'int32',
    );
    const lstm = type === 'LSTM';
    const inputs = [
      draw.array([time, batch, size]),
      weights(gates * hidden, size),
      weights(gates * hidden, hidden),
      optional(weights(2 * gates * hidden)),
      optional(lengths),
      optional(weights(batch, hidden)),
      ...(lstm ? [optional(weights(batch, hidden)), optional(weights(3 * hidden))] : []),
    ];
    const other = { RNN: ['Relu'], GRU: ['HardSigmoid', 'Softsign'], LSTM: ['HardSigmoid', 'Tanh', 'Sigmoid'] }[type]!;
    const attributes = {
      hidden_size: hidden,
      direction,
      ...draw.some({
        clip: { float: 0.75 },
        activations: { strings: [...other, ...other].slice(0, other.length * directions) },
      }),
      ...(type === 'GRU' && draw.some({ linear_before_reset: 1 })),
    };
    return { type, inputs, attributes, outputs: lstm ? 3 : 2, opset };
  };
export const layerCases: Readonly<Record<string, Cases>> = {
  RNN: recurrent('RNN', 1),
  GRU: recurrent('GRU', 3),
  LSTM: recurrent('LSTM', 4),
  BatchNormalization: (draw) => {
    const opset = since(draw, 7);
    const x = draw.array([2, draw.whole(1, 3), ...draw.shape(0, 2)]);
    const perChannel = (low: number, high: number) => draw.array([x.shape[1]], between(low, high));
    const training = opset >= 14 && draw.coin();
    const attributes = {
      ...draw.some({ epsilon: { float: 0.01 }, momentum: { float: 0.7 } }),
      ...(training && { training_mode: 1 }),
    };
    const inputs = [x, perChannel(-1, 1), perChannel(-1, 1), perChannel(-1, 1), perChannel(0.5, 2)];
    return { type: 'BatchNormalization', inputs, attributes, outputs: training ? 3 : 1, opset };
  },
  InstanceNormalization: (draw) => {
    const x = draw.array([2, draw.whole(1, 3), draw.whole(2, 4), ...draw.shape(0, 1)]);
    return {
      type: 'InstanceNormalization',
      inputs: [x, draw.array([x.shape[1]]), draw.array([x.shape[1]])],
      attributes: draw.some({ epsilon: { float: 0.01 } }),
      opset: since(draw, 7),
    };
  },
  LayerNormalization: (draw) => {
    const x = draw.array(draw.shape(1, 4, 5));
    const axis = draw.axis(x.shape.length);
    const inner = x.shape.slice(axis);
    const bias = draw.coin() ? [draw.array(inner)] : [];
    return {
      type: 'LayerNormalization',
      inputs: [x, draw.array(inner), ...bias],
      attributes: { axis, ...draw.some({ epsilon: { float: 0.01 } }) },
      outputs: draw.pick([1, 3]),
      opset: since(draw, 17),
    };
  },
  RMSNormalization: (draw) => {
    const x = draw.array(draw.shape(1, 4, 5));
    const axis = draw.axis(x.shape.length);
    return { type: 'RMSNormalization', inputs: [x, draw.array(x.shape.slice(axis))], attributes: { axis }, opset: 23 };
  },
  GroupNormalization: (draw) => {
    const opset = draw.pick([18, 21]);
    const groups = draw.whole(1, 3);
    const x = draw.array([2, groups * draw.whole(1, 2), draw.whole(2, 3), ...draw.shape(0, 1)]);
    const count = opset >= 21 ? x.shape[1] : groups;
    return {
      type: 'GroupNormalization',
      inputs: [x, draw.array([count]), draw.array([count])],
      attributes: { num_groups: groups, ...draw.some({ epsilon: { float: 0.01 } }) },
      opset,
    };
  },
  LpNormalization: (draw) => {
    const x = draw.array(draw.shape(1, 3));
    return {
      type: 'LpNormalization',
      inputs: [x],
      attributes: draw.some({ axis: draw.axis(x.shape.length), p: 1 }),
      opset: since(draw, 7),
    };
  },
  MeanVarianceNormalization: (draw) => ({
    type: 'MeanVarianceNormalization',
    inputs: [draw.array([3, 2, 3, 2])],
    attributes: draw.some({ axes: [0, 2] }),
    opset: since(draw, 9),
  }),
  LRN: (draw) => ({
    type: 'LRN',
    inputs: [draw.array([2, draw.whole(1, 6), 2, 2])],
    attributes: {
      size: draw.pick([1, 3, 5, 7]),
      ...draw.some({ alpha: { float: 0.1 }, beta: { float: 0.5 }, bias: { float: 2 } }),
    },
    opset: since(draw, 7),
  }),
  Dropout: (draw) => ({
    type: 'Dropout',
    inputs: [draw.array(draw.shape(0, 3))],
    outputs: draw.pick([1, 2]),
    opset: since(draw, 12),
  }),
};

import { describe, expect, test } from 'vitest';
import * as np from '../../numpy/index.ts';
import * as random from '../../random/index.ts';
import {
  cifarResNet,
  denseNet,
  denseNetBC,
  imageNetResNet,
  initializers,
  type Normalization,
  resNet,
  type StatefulModel,
  vgg,
  vggBlocks,
} from '../index.ts';
import { expectReference, expectTree, reference } from '../reference.fixture.ts';

const tiny = { classes: 3, channels: 1 };
const residual = { ...tiny, width: 2, blocks: [1, 1] };
const networks: Record<string, { net: unknown; training: boolean }> = {
  vgg: { net: vgg({ ...tiny, size: [8, 8], blocks: [[2], [3, 2]], hidden: [4] }), training: true },
  resNetBasic: { net: resNet(residual), training: true },
  resNetPadded: { net: resNet({ ...residual, shortcut: 'A' }), training: true },
  resNetBottleneck: { net: resNet({ ...residual, block: 'bottleneck', stem: 'large' }), training: false },
  denseNet: { net: denseNet({ ...tiny, growth: 2, blocks: [2, 1] }), training: true },
};

describe.each(Object.keys(networks))('%s', (name) => {
  const { training } = networks[name];
  const net = networks[name].net as StatefulModel<np.Tree, np.Tree>;

  test('values and gradients are PyTorch’s', () =>
    expectReference(name, (params, x, { state }) => net.apply(params, state, x, { training })[0]));

  test('the next state is PyTorch’s', async () => {
    const { params, state, x, nextState } = reference(name);
    await expectTree('state', net.apply(params, state, x, { training })[1], nextState);
  });

  test('without training the state stays as it is', () => {
    const { params, state, x } = reference(name);
    expect(net.apply(params, state, x)[1]).toEqual(state);
  });
});

describe('numbers of parameters', () => {
  const count = (net: StatefulModel<np.Tree, np.Tree>) =>
    np.treeLeaves(net.init(random.key(0)).params).reduce((sum, x) => sum + x.size, 0);
  // No numbers are drawn where only shapes are asked for.
  const weight = initializers.zeros;

  test.each([
    ['ResNet-18', () => imageNetResNet(18, { classes: 1000, weight }), 11_689_512],
    ['ResNet-34', () => imageNetResNet(34, { classes: 1000, weight }), 21_797_672],
    ['ResNet-50', () => imageNetResNet(50, { classes: 1000, weight }), 25_557_032],
    ['ResNet-20', () => cifarResNet(20, { classes: 10, weight }), 269_722],
    ['ResNet-110', () => cifarResNet(110, { classes: 10, weight }), 1_727_962],
    ['DenseNet-BC of 100 layers, growth 12', () => denseNetBC(100, 12, { classes: 10, weight }), 769_162],
    // The convolutions of VGG-16 have 14,714,688.
    ['VGG-16', () => vgg({ classes: 10, size: [32, 32], blocks: vggBlocks[16], weight }), 14_714_688 + 5130],
  ] as const)('%s has those published', (_, make, published) => {
    expect(count(make() as unknown as StatefulModel<np.Tree, np.Tree>)).toBe(published);
  });
});

test.each(['batch', 'layer', 'instance', { groups: 2 }, 'none'] as const)('normalisation %j', async (normalization) => {
  const kind: Normalization = normalization;
  const net = resNet({ ...residual, width: 4, normalization: kind });
  const { params, state } = net.init(random.key(0));
  const x = random.normal(random.key(1), [3, 1, 6, 6]);
  const [y, next] = net.apply(params, state, x, { training: true });
  expect(y.shape).toEqual([3, 3]);
  expect(np.treeLeaves(next)).toHaveLength(kind === 'batch' ? 12 : 0);
  // Only the batch's statistics let one example see the others.
  const [first] = net.apply(params, state, np.slice(x, [0, 2]), { training: true });
  const [together, alone] = [await y.data(), await first.data()];
  expect(Math.abs(together[0] - alone[0]) < 1e-5).toBe(kind !== 'batch');
});

test('shapes that make no network are refused', () => {
  expect(() => cifarResNet(21, { classes: 10 })).toThrow('6 n + 2');
  expect(() => denseNetBC(99, 12, { classes: 10 })).toThrow('6 n + 4');
  expect(() => resNet({ ...residual, blocks: [] })).toThrow('resNet: numbers');
  expect(() => denseNet({ ...tiny, growth: 0, blocks: [1] })).toThrow('denseNet: numbers');
  expect(() => vgg({ ...tiny, size: [3, 8], blocks: [[2], [2]] })).toThrow('vgg: needs blocks');
  expect(() => resNet({ ...residual, normalization: { groups: 3 } })).toThrow('2 channels do not make 3 groups');
});

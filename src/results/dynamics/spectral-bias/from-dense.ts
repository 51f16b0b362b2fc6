import type { Dense } from '../../../nn/index.ts';
import type { DenseLayer, PiecewiseLinearNet } from './piecewise-linear-net.ts';

/**
 * A network of dense layers (as `nn.mlp` makes them) as the float64 data that the exact functions read: regions, spectra,
 * Lipschitz bounds.
 *
 * @param params layers from input to output, weight [inputs, outputs]
 * @param options.activation between the layers: 'relu' (default), 'leaky-relu' with `slope`, 'abs', 'identity'
 */
export async function piecewiseLinearNet(
  params: readonly Dense[],
  options: { activation?: string; slope?: number } = {},
): Promise<PiecewiseLinearNet> {
  const { activation = 'relu', slope } = options;
  const layers = await Promise.all(
    params.map(async ({ weight, bias }, i): Promise<DenseLayer> => {
      const [inputs, outputs] = weight.shape;
      return {
        weight: Float64Array.from(await weight.data()),
        bias: Float64Array.from(await bias.data()),
        inputs,
        outputs,
        activation: i === params.length - 1 ? 'identity' : activation,
        slope,
      };
    }),
  );
  return { layers };
}

/** Digits that experiments measure on: MNIST's, or generated ones where nothing may be needed but the program. */
import { UserError } from '../array/errors.ts';
import { type LabelledImages, loadMnist, renderedDigits } from '../data/index.ts';

/** Far from the seeds that people give, so that test images are never training images of another run. */
const testSeeds = 2 ** 40;

/**
 * The first `n` images of some classes.
 *
 * @param source `mnist`: the published files; `rendered`: drawn from `seed`
 * @param options.classes default all ten digits
 * @param options.split default `train`; the images of the two never coincide
 * @throws UserError when the files are not there, or hold fewer images
 */
export async function loadDigits(
  source: 'mnist' | 'rendered',
  {
    n,
    seed,
    classes,
    split = 'train',
  }: { n: number; seed: number; classes?: readonly number[]; split?: 'train' | 'test' },
): Promise<LabelledImages> {
  const chosen = classes === undefined ? {} : { classes };
  if (source === 'rendered') return renderedDigits({ n, seed: split === 'train' ? seed : seed + testSeeds, ...chosen });
  const images = await loadMnist({ split, limit: n, ...chosen });
  if (images.n < n) {
    const which = classes === undefined ? '' : ` of the digits ${classes.join(', ')}`;
    throw new UserError(`MNIST has ${images.n} ${split} images${which}, the settings ask for ${n}.`);
  }
  return images;
}

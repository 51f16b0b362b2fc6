/** What `deeptheory analyze` asks of a network, in the order of the page. */
import type { Analysis } from '../results/analysis.ts';
import { rectifiedKernels } from '../results/initialization/rectified-kernels/card.ts';
import { hessianOutliers } from '../results/landscape/hessian-outliers/card.ts';
import { sampleRedundancy } from '../results/training/importance-sampling/card.ts';
import { fit } from './analyses/fit.ts';
import { hessianSpectrum } from './analyses/hessian-spectrum.ts';
import { tangentKernel } from './analyses/tangent-kernel.ts';

// What each measures is its own matter; here they only follow each other.
export const analyses = [
  fit,
  hessianSpectrum,
  hessianOutliers,
  tangentKernel,
  rectifiedKernels,
  sampleRedundancy,
] as readonly Analysis[];

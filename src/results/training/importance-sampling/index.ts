/**
 * @module The method of "Not All Samples Are Created Equal: Deep Learning with Importance Sampling" (arXiv 1803.00942):
 * draw the examples whose gradients are large, by an upper bound of the gradient norm, and only when it pays.
 */
export { type BoundConstant, gradientBoundConstant } from './bound-constant.ts';
export {
  type ExampleModel,
  type Examples,
  type PerExampleLoss,
  sigmoidCrossEntropy,
  softmaxCrossEntropy,
  squaredError,
} from './example-loss.ts';
export { type HistoryRule, type HistorySampler, historySampler } from './history-sampler.ts';
export { type SamplerVariant, type SamplingOptions, samplingPlan, variantSizes, variantThreshold } from './plan.ts';
export { type ImportanceSampler, importanceSampler, type SampledBatch, type SamplerOptions } from './sampler.ts';
export {
  biasedWeights,
  effectiveSampleSize,
  importanceWeights,
  inverseCumulative,
  sampleWithReplacement,
  samplingProbabilities,
} from './sampling.ts';
export { type ComparedScore, type ScoreComparison, scoreComparison, scoreComparisons } from './score-comparison.ts';
export {
  gradientNormUpperBound,
  perSampleGradientNorm,
  perSampleLoss,
  type ScoreArguments,
  type ScoreKind,
  scoreKinds,
  scoreOf,
} from './scores.ts';
export { importanceStep, type StepOptions, type StepRecord, type TrainingState } from './step.ts';
export {
  type Budget,
  importanceTraining,
  type TrainedWithImportance,
  type TrainingHistory,
  type TrainingOptions,
  trainWithImportanceSampling,
} from './train.ts';
export { gradientVariance, noiseToSignal, stepCost, tauThreshold, varianceReduction } from './variance.ts';

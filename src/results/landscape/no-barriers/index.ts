/**
 * @module The method of "Essentially No Barriers in Neural Network Energy Landscape" (arXiv 1803.00885): paths of least
 * loss between trained networks, their barriers, and the graph of many minima.
 */
export {
  type AutoNeb,
  type AutoNebOptions,
  autoNeb,
  type Cycle,
  type CycleRecord,
  fastCycles,
  paperCycles,
} from './auto-neb.ts';
export { batchNormLandscape, type NetworkPoint, reestimateStatistics } from './batch-norm.ts';
export { type Chain, insertPivots, pathTangents, redistributePath, straightPath, type TangentRule } from './chain.ts';
export { type CurveKind, curveConnect, curvePoint } from './curve-connect.ts';
export { experiment } from './experiment.ts';
export { type Exploration, exploreLandscape } from './explore-landscape.ts';
export {
  type DisconnectivityGraph,
  disconnectivityGraph,
  type Edge,
  type MinimaGraph,
  minimumSpanningTree,
  topographicDistance,
} from './minima-graph.ts';
export {
  type Band,
  type BandDynamics,
  type BandOptions,
  type Landscape,
  nudgedElasticBand,
} from './nudged-elastic-band.ts';
export { mlpPermutation, permuteHiddenUnits, type UnitPermutation } from './permute-hidden-units.ts';
export {
  type BarrierMeasures,
  barrierMeasures,
  densePathProfile,
  type Evaluate,
  type LinearBarrier,
  linearInterpolationBarrier,
  type Metrics,
  type PathProfile,
} from './profile.ts';
export { eggCarton, mullerBrown } from './test-potentials.ts';

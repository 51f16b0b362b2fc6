/** @file Random nodes of every operator, with attributes and operator sets as files have them. */
import { arithmeticCases } from './arithmetic-cases.fixture.ts';
import type { Cases } from './draw.fixture.ts';
import { layerCases } from './layer-cases.fixture.ts';
import { positionCases } from './position-cases.fixture.ts';
import { shapeCases } from './shape-cases.fixture.ts';
import { windowCases } from './windows-cases.fixture.ts';

export const cases: Readonly<Record<string, Cases>> = {
  ...arithmeticCases,
  ...windowCases,
  ...layerCases,
  ...shapeCases,
  ...positionCases,
};

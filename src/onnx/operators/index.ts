/** @file The operators that files may use, by name. */
import type { Operator } from '../call.ts';
import { activations } from './activations.ts';
import { control } from './control.ts';
import { convolutions } from './convolutions.ts';
import { elementwise } from './elementwise.ts';
import { generators } from './generators.ts';
import { indexing } from './indexing.ts';
import { normalizations } from './normalizations.ts';
import { pools } from './pools.ts';
import { products } from './products.ts';
import { recurrent } from './recurrent.ts';
import { reductions } from './reductions.ts';
import { resizing } from './resize.ts';
import { shapes } from './shapes.ts';

export const operators: ReadonlyMap<string, Operator> = new Map(
  [
    elementwise,
    activations,
    products,
    convolutions,
    pools,
    normalizations,
    reductions,
    shapes,
    indexing,
    generators,
    resizing,
    recurrent,
    control,
  ].flatMap((family) => Object.entries(family)),
);

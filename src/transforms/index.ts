/** @module Transformations of functions: derivatives, vectorisation, loops. */
export { stopGradient } from '../primitives/identity.ts';
export { checkpoint } from './checkpoint.ts';
export { cond } from './cond.ts';
export { customJvp } from './custom-jvp.ts';
export { customVjp } from './custom-vjp.ts';
export { grad, hessian, hvp, jacfwd, jacrev, linearize, valueAndGrad, vjp } from './grad.ts';
export { jvp } from './jvp.ts';
export { empiricalNtk, perExampleGradientNorms } from './per-example.ts';
export { scan } from './scan.ts';
export { type InAxes, vmap } from './vmap.ts';
export { whileLoop } from './while.ts';

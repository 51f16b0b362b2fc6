/** @file The elementwise primitives, by the number of their operands. */
export * from './binary.ts';
export * from './cast.ts';
export * from './unary.ts';

/** @file Draws for random nodes of files. */
import type { DType } from '../../array/dtype.ts';
import type { HostArray } from '../../array/primitive.ts';
import { between, randomArray, type Values } from '../../array/testing.fixture.ts';
import type { NodeCase } from '../files.fixture.ts';
import type { FileAttribute } from '../model.ts';

/** Draws of one seed. */
export class Draw {
  readonly random: () => number;
  constructor(random: () => number) {
    this.random = random;
  }
  /** Whole number in [low, high]. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low + 1));
  }
  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)];
  }
  coin(): boolean {
    return this.random() < 0.5;
  }
  shape(low: number, high: number, largest = 4): number[] {
    return Array.from({ length: this.whole(low, high) }, () => this.whole(1, largest));
  }
  array(shape: readonly number[], values: Values = between(-3, 3), dtype: DType = 'float32'): HostArray {
    return randomArray(this.random, shape, dtype, values);
  }
  /** Shapes that broadcast to one another. */
  broadcasting(): [number[], number[]] {
    const a = this.shape(0, 4);
    const b = a.slice(this.whole(0, a.length)).map((n) => (this.coin() ? n : 1));
    return this.coin() ? [a, b] : [b, a];
  }
  axis(rank: number): number {
    return this.whole(-rank, rank - 1);
  }
  axes(rank: number): number[] {
    const chosen = Array.from({ length: rank }, (_, i) => i).filter(() => this.coin());
    return chosen.map((a) => (this.coin() ? a - rank : a));
  }
  /** Attributes that are left out half of the time. */
  some(attributes: Readonly<Record<string, FileAttribute>>): Record<string, FileAttribute> {
    return Object.fromEntries(Object.entries(attributes).filter(() => this.coin()));
  }
  float(low: number, high: number): { float: number } {
    return { float: Math.fround(low + this.random() * (high - low)) };
  }
}

export type Cases = (draw: Draw) => NodeCase;

const opsets = [7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23];
export const since = (draw: Draw, first: number): number => draw.pick(opsets.filter((v) => v >= first));

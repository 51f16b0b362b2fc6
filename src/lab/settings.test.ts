import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UserError } from '../array/errors.ts';
import { resolveSettings, settingsTable, settingText } from './settings.ts';

const experiment = {
  name: 'toy',
  settings: z.object({
    width: z.int().min(1).default(256).describe('Units per layer'),
    learningRate: z.number().positive().max(1).default(3e-4).describe('Adam step size'),
    activation: z.enum(['relu', 'tanh']).default('relu').describe('Nonlinearity'),
    frequencies: z.array(z.int().positive()).min(1).default([5, 10]).describe('Target frequencies'),
    clip: z.number().nullable().default(null).describe('Weight clip'),
    bias: z.boolean().default(true).describe('Biases'),
    threads: z
      .union([z.int(), z.literal('auto')])
      .default('auto')
      .describe('Threads'),
    window: z.tuple([z.number(), z.number()]).default([0, 1]).describe('Domain'),
    layers: z
      .array(z.array(z.int()))
      .default([[1]])
      .describe('Blocks'),
    even: z
      .int()
      .default(2)
      .refine((n) => n % 2 === 0, 'must be even')
      .describe('Even'),
  }),
  scales: {
    smoke: { seeds: 1, settings: { width: 64 } },
    small: { seeds: 3, settings: { width: 128 } },
    paper: { seeds: 10, settings: {} },
  },
};

const resolve = (...overrides: string[]) => resolveSettings(experiment, 'smoke', overrides);

describe('resolveSettings', () => {
  it('takes defaults, then the scale, then overrides', () => {
    expect(resolveSettings(experiment, 'paper').width).toBe(256);
    expect(resolve().width).toBe(64);
    expect(resolve('width=8').width).toBe(8);
  });

  it('reads numbers, choices, booleans, lists, unions, null and JSON', () => {
    expect(
      resolve(
        'learningRate=1e-3',
        'activation=tanh',
        'frequencies=2, 4,6',
        'clip=0.1',
        'bias=false',
        'threads=auto',
        'window=-1,2.5',
        'layers=[[1,2],[3]]',
      ),
    ).toMatchObject({
      learningRate: 1e-3,
      activation: 'tanh',
      frequencies: [2, 4, 6],
      clip: 0.1,
      bias: false,
      threads: 'auto',
      window: [-1, 2.5],
      layers: [[1, 2], [3]],
    });
    expect(resolve('clip=null', 'threads=4')).toMatchObject({ clip: null, threads: 4 });
  });

  it.each([
    ['widht=3', 'toy has no setting "widht" (did you mean "width"?); its settings are width, learningRate'],
    ['toString=3', 'toy has no setting "toString"'],
    ['width', '"width" is not a setting; write key=value'],
    ['width=wide', 'setting "width" of toy: got "wide", allowed is an integer ≥ 1'],
    ['width=1.5', 'setting "width" of toy: got "1.5", allowed is an integer ≥ 1'],
    ['width=0', 'setting "width" of toy: got "0", allowed is an integer ≥ 1'],
    ['width=', 'setting "width" of toy: got "", allowed is an integer ≥ 1'],
    ['width=0x10', 'got "0x10"'],
    ['width=8,16', 'got "8,16", allowed is an integer ≥ 1'],
    ['learningRate=2', 'got "2", allowed is a number > 0 and ≤ 1'],
    ['activation=relo', 'got "relo" (did you mean "relu"?), allowed is relu or tanh'],
    ['frequencies=1,x', 'got "1,x", allowed is a comma list of integers > 0'],
    ['frequencies=', 'got "", allowed is a comma list of integers > 0'],
    ['bias=yes', 'got "yes", allowed is true or false'],
    ['window=1', 'got "1", allowed is a comma list of 2 numbers'],
    ['clip=x', 'got "x", allowed is a number or null'],
    ['layers=[', 'got "[", allowed is JSON'],
    ['even=3', 'got "3", allowed is an integer: must be even'],
  ])('refuses %s', (override, message) => {
    expect(() => resolve(override)).toThrow(UserError);
    expect(() => resolve(override)).toThrow(message);
  });

  it('refuses a setting given twice', () => {
    expect(() => resolve('width=1', 'width=2')).toThrow('setting "width" is given twice');
  });

  it('does not blame the user for a broken scale', () => {
    const broken = { ...experiment, scales: { ...experiment.scales, smoke: { seeds: 1, settings: { width: -1 } } } };
    const failure = () => resolveSettings(broken, 'smoke');
    expect(failure).toThrow('settings of toy at scale smoke ("width")');
    expect(failure).not.toThrow(UserError);
  });
});

it('tabulates settings with values per scale', () => {
  const [width, , , frequencies] = settingsTable(experiment);
  expect(width).toEqual({
    name: 'width',
    values: { smoke: 64, small: 128, paper: 256 },
    allowed: 'an integer ≥ 1',
    doc: 'Units per layer',
  });
  expect(settingText(frequencies.values.paper)).toBe('5,10');
  expect(settingText([[1, 2], [3]])).toBe('[[1,2],[3]]');
});

/** The pen strokes of the ten digits, as polylines in a box of about -0.6 .. 0.6 by -1 .. 1, y downwards. */

export type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];

/** Points per quarter turn of an arc: the polyline then keeps within 0.003 of it. */
const PER_QUARTER = 6;

/** Elliptic arc about (x, y); angles in degrees, 0 to the right, 90 downwards. */
function arc(x: number, y: number, rx: number, ry: number, from: number, to: number): Stroke {
  const steps = Math.ceil((Math.abs(to - from) / 90) * PER_QUARTER);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });
}

/** Strokes of each digit, in the forms most common in handwriting. */
export const digitStrokes: readonly (readonly Stroke[])[] = [
  [arc(0, 0, 0.55, 0.97, 0, 360)],
  [
    [
      [-0.22, -0.72],
      [0.05, -1],
      [0, 1],
    ],
  ],
  [[...arc(-0.02, -0.45, 0.5, 0.52, -160, 40), [-0.1, 0.5], [-0.55, 0.93], [0.62, 0.93]]],
  [[...arc(-0.05, -0.5, 0.5, 0.47, -150, 85), ...arc(-0.05, 0.47, 0.58, 0.5, -85, 150)]],
  [
    [
      [-0.38, -0.95],
      [-0.55, 0.1],
      [0.6, 0.05],
    ],
    [
      [0.4, -0.95],
      [0.28, 1],
    ],
  ],
  [[[0.5, -0.95], [-0.35, -0.92], [-0.45, -0.12], ...arc(-0.02, 0.38, 0.56, 0.58, -120, 145)]],
  [[...arc(0.75, 0.42, 1.25, 1.45, -105, -180), ...arc(0, 0.45, 0.5, 0.5, 180, -180)]],
  [
    [
      [-0.55, -0.88],
      [0.55, -0.92],
      [-0.08, 1],
    ],
  ],
  [[...arc(0, -0.48, 0.43, 0.47, 90, 450), ...arc(0, 0.48, 0.53, 0.49, -90, 270)]],
  [[...arc(0, -0.45, 0.48, 0.5, 0, -360), [0.42, 0.3], [0.3, 1]]],
];

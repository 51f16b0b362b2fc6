/**
 * The document Observable Plot draws into without a browser: domino's, completed by the two things Plot needs and
 * domino lacks, `append` and a canvas that holds pixels (colour ramps, rasters).
 */
import domino from 'domino';
import { encodePng } from './png.ts';

export function plotDocument(): Document {
  const { document } = domino.createWindow();
  const createElement = document.createElement.bind(document);
  const complete = (name: string) => {
    if (name === 'canvas') return pixelCanvas();
    const element = createElement(name);
    element.append = (...children) => {
      for (const child of children) {
        element.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
      }
    };
    return element;
  };
  Object.defineProperty(document, 'createElement', { value: complete });
  return document;
}

interface Pixels {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** `fillRect`, `createImageData`, `putImageData` at the origin, and the PNG of it all as a data URL. */
function pixelCanvas() {
  const canvas = { width: 0, height: 0, getContext: () => context, toDataURL };
  let pixels: Pixels | undefined;

  const createImageData = (width: number, height: number): Pixels => ({
    data: new Uint8ClampedArray(4 * width * height),
    width,
    height,
  });
  const context = {
    fillStyle: '#000',
    createImageData,
    putImageData(image: Pixels): void {
      pixels = image;
    },
    fillRect(left: number, top: number, width: number, height: number): void {
      pixels ??= createImageData(canvas.width, canvas.height);
      const rgba = parseColor(context.fillStyle);
      for (let y = top; y < top + height; y++) {
        for (let x = left; x < left + width; x++) pixels.data.set(rgba, 4 * (y * pixels.width + x));
      }
    },
  };
  function toDataURL(): string {
    const image = pixels ?? createImageData(canvas.width, canvas.height);
    return `data:image/png;base64,${encodePng(image.data, image.width, image.height).toString('base64')}`;
  }
  return canvas;
}

/** The colours that colour scales produce: `#rgb`, `#rrggbb`, `rgb(…)` and `rgba(…)`. */
export function parseColor(color: string): readonly [number, number, number, number] {
  const hex = /^#([\da-f]{3}|[\da-f]{6})$/i.exec(color)?.[1];
  if (hex) {
    const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
    const [r, g, b] = [0, 2, 4].map((at) => Number.parseInt(full.slice(at, at + 2), 16));
    return [r, g, b, 255];
  }
  const numbers = /^rgba?\(([\d., ]+)\)$/.exec(color)?.[1].split(',').map(Number);
  if (numbers === undefined || numbers.length < 3) {
    throw new Error(`colour "${color}" in a figure's continuous scale: expected #rgb, #rrggbb, rgb(…) or rgba(…)`);
  }
  const [r, g, b, alpha = 1] = numbers;
  return [r, g, b, 255 * alpha];
}

/** What loaders and generators of images return. */
export interface LabelledImages {
  /** n x pixels, row-major, each pixel in [0, 1]. */
  readonly images: Float32Array;
  /** Class of each image, n. */
  readonly labels: Int32Array;
  readonly n: number;
}

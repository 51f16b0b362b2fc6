/** Where the data sets that can be fetched come from, and how to know that they arrived whole. */

/** One file of a data set: gzipped on the mirrors and on disk. */
export interface DataFile {
  /** Name on the mirrors and on disk, ending in `.gz`. */
  readonly name: string;
  /** Size of the unpacked file in bytes. */
  readonly bytes: number;
  /** MD5 sum of the unpacked file, in hexadecimal: mirrors repack, so that sums of the gzip files differ. */
  readonly md5: string;
}

export interface DataSource {
  /** Name in commands, and of the folder inside the data directory. */
  readonly name: string;
  readonly title: string;
  /** Who to cite. */
  readonly citation: string;
  /** Folders on the web that hold the files, tried in this order; each ends in a slash. */
  readonly mirrors: readonly string[];
  readonly files: readonly DataFile[];
}

/** MNIST. Its own page, http://yann.lecun.com/exdb/mnist/, refuses downloads; these two mirrors hold its files. */
export const mnistSource: DataSource = {
  name: 'mnist',
  title: 'MNIST: 70 000 handwritten digits of 28 x 28 pixels',
  citation:
    'LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proceedings of the IEEE 86, 1998',
  mirrors: ['https://storage.googleapis.com/cvdf-datasets/mnist/', 'https://ossci-datasets.s3.amazonaws.com/mnist/'],
  files: [
    { name: 'train-images-idx3-ubyte.gz', bytes: 47_040_016, md5: '6bbc9ace898e44ae57da46a324031adb' },
    { name: 'train-labels-idx1-ubyte.gz', bytes: 60_008, md5: 'a25bea736e30d166cdddb491f175f624' },
    { name: 't10k-images-idx3-ubyte.gz', bytes: 7_840_016, md5: '2646ac647ad5339dbf082846283269ea' },
    { name: 't10k-labels-idx1-ubyte.gz', bytes: 10_008, md5: '27ae3e4e09519cfbb04c329615203637' },
  ],
};

/** Every data set that can be fetched. */
export const sources: readonly DataSource[] = [mnistSource];

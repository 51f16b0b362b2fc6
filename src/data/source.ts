/** What is known of a published data set: where it comes from, under which terms, and how to know that it is whole. */

/** One file of a data set. */
export interface DataFile {
  /** Name on disk; ends in `.gz` where the mirrors hold it gzipped. */
  readonly name: string;
  /** Where it lies under a mirror or in an archive; default its name. */
  readonly path?: string;
  /** Size of the unpacked file in bytes; absent where the publisher gives none. */
  readonly bytes?: number;
  /** MD5 sum of the unpacked file, in hexadecimal: mirrors repack, so that sums of gzip files differ. */
  readonly md5?: string;
}

/** A `.tar.gz` or `.zip` that holds files of a data set; it is unpacked and not kept. */
export interface DataArchive {
  /** Where it lies under a mirror. */
  readonly path: string;
  /** Size and MD5 sum of the archive as it is sent. */
  readonly bytes?: number;
  readonly md5?: string;
  readonly members: readonly DataFile[];
}

export interface DataSource {
  /** Name in commands. */
  readonly name: string;
  /** Folder inside the data directory; default its name. */
  readonly folder?: string;
  readonly title: string;
  /** Who to cite. */
  readonly citation: string;
  /** Terms of use, as the publisher states them. */
  readonly licence: string;
  /** The publisher's page. */
  readonly home: string;
  /** Folders on the web that hold the files, tried in this order; each ends in a slash. None: fetched by hand. */
  readonly mirrors: readonly string[];
  readonly files: readonly DataFile[];
  readonly archives?: readonly DataArchive[];
  /** Names of files that its loader reads as well, in place of the published ones. */
  readonly otherForm?: readonly string[];
}

/** Everything the data set has on disk. */
export function filesOf({ files, archives = [] }: DataSource): DataFile[] {
  return [...files, ...archives.flatMap(({ members }) => members)];
}

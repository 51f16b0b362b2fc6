/** Citation networks: papers, their words, their fields, and who cites whom. */
import { UserError } from '../../array/errors.ts';
import type { LabelledGraph } from '../dataset.ts';
import { parseGraphJson } from '../formats/graph-json.ts';
import { parseLinqs } from '../formats/linqs.ts';
import { loadText } from '../formats/text.ts';
import { folderOf, locate, missing } from '../locate.ts';
import type { DataSource } from '../source.ts';
import type { TableOptions } from './tables.ts';

const planetoid =
  'Yang, Cohen and Salakhutdinov, "Revisiting semi-supervised learning with graph embeddings", ICML 2016';
const linqs =
  'Sen, Namata, Bilgic, Getoor, Gallagher and Eliassi-Rad, "Collective classification in network data", AI Magazine 29, 2008';

function linqsSource(name: string, title: string): DataSource {
  return {
    name,
    folder: 'citation',
    title,
    citation: `${linqs}; public split: ${planetoid}`,
    licence: 'none stated',
    home: 'https://linqs.org/datasets/',
    mirrors: ['https://linqs-data.soe.ucsc.edu/public/lbc/'],
    files: [],
    archives: [
      {
        path: `${name}.tgz`,
        members: ['content', 'cites'].map((kind) => ({ name: `${name}.${kind}`, path: `${name}/${name}.${kind}` })),
      },
    ],
    otherForm: [`${name}.json.gz`],
  };
}

export const coraSource = linqsSource('cora', 'Cora: 2708 papers, 1433 words, 7 fields, 5278 citations');
export const citeseerSource = linqsSource('citeseer', 'Citeseer: 3327 papers, 3703 words, 6 fields, 4552 citations');

/** What has no text form: the publisher's files are Python objects. */
function graphSource(name: string, file: string, title: string, citation: string, home: string): DataSource {
  const rest = { licence: 'none stated', mirrors: [], files: [], otherForm: [file] };
  return { name, folder: 'citation', title, citation, home, ...rest };
}

export const pubmedSource = graphSource(
  'pubmed',
  'pubmed-graph-labels.json.gz',
  'Pubmed: 19 717 papers, 3 fields, 44 324 citations; without words',
  `${linqs}; public split: ${planetoid}`,
  'https://github.com/kimiyoung/planetoid',
);

export const dblpSource = graphSource(
  'dblp',
  'dblp.json.gz',
  'DBLP: 17 716 papers, 1639 words, 4 fields, 52 867 citations',
  'Pan, Wu, Zhu, Zhang and Wang, "Tri-party deep network representation", IJCAI 2016',
  'https://github.com/abojchevski/graph2gauss',
);

const citationSources = { cora: coraSource, citeseer: citeseerSource, pubmed: pubmedSource, dblp: dblpSource };

export interface CitationOptions extends TableOptions {
  readonly name: keyof typeof citationSources;
}

/**
 * A citation network, undirected. Words are 0 or 1 (DBLP: weights). As JSON (see `parseGraphJson`) the numbering of the
 * nodes and the split are the public ones of Planetoid (20 papers of each class, 500 and 1000; DBLP has none); from the
 * files of LINQS the numbering is theirs and no split is prescribed.
 *
 * @throws UserError when the files are missing or are not what they should be, or the name is unknown
 */
export async function loadCitation({ name, directory }: CitationOptions): Promise<LabelledGraph> {
  const source = citationSources[name];
  if (source === undefined) {
    throw new UserError(`citation: expected one of ${Object.keys(citationSources).join(', ')}, found "${name}".`);
  }
  const folder = folderOf(source, directory);
  const [file] = source.otherForm ?? [];
  const [json] = locate(folder, file);
  if (json !== undefined) return parseGraphJson(await loadText(json), json);
  const members = (source.archives ?? []).flatMap((archive) => archive.members);
  const [content, cites] = members.map((member) => locate(folder, member.name)[0]);
  if (content === undefined || cites === undefined) {
    throw missing(source, folder, [file, ...members.map((member) => member.name)]);
  }
  return parseLinqs(await loadText(content), await loadText(cites), content.replace(/\.content(\.gz)?$/, ''));
}

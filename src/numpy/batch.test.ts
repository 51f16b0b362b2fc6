import { batchSuite } from '../transforms/conformance.fixture.ts';
import { numpyRecords } from './records.fixture.ts';

batchSuite(numpyRecords);

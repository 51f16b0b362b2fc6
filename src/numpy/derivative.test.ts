import { derivativeSuite } from '../transforms/conformance.fixture.ts';
import { numpyRecords } from './records.fixture.ts';

derivativeSuite(numpyRecords);

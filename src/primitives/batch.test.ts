import { batchSuite } from '../transforms/conformance.fixture.ts';
import { primitiveRecords } from './records.fixture.ts';

batchSuite(primitiveRecords);

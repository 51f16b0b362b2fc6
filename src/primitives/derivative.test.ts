import { derivativeSuite } from '../transforms/conformance.fixture.ts';
import { primitiveRecords } from './records.fixture.ts';

derivativeSuite(primitiveRecords);

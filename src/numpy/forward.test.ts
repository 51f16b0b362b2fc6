import { forwardSuite } from '../primitives/forward.fixture.ts';
import { numpyRecords } from './records.fixture.ts';

forwardSuite(numpyRecords);

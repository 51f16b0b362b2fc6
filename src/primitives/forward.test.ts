import { forwardSuite } from './forward.fixture.ts';
import { primitiveRecords } from './records.fixture.ts';

forwardSuite(primitiveRecords);

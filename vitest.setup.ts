import fc from 'fast-check';

// The same cases at every run; TEST_SEED explores others.
fc.configureGlobal({ seed: Number(process.env.TEST_SEED ?? 2019) });

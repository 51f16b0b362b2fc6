/** Dense linear algebra on the host, on plain typed arrays in double precision. */
export { eigh } from './eigh.ts';

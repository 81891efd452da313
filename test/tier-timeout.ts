/** Gives every test of a tier the time that jest.config.js states for the tier. */
declare const tierTimeout: number;

jest.setTimeout(tierTimeout);

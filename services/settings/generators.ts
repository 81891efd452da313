import type { Random } from './setting';

const hex = (random: Random, bytes: number): string => Buffer.from(random(bytes)).toString('hex');

/** 256 bits, in digits that need no escaping anywhere. */
export const generatedSecret = (random: Random): string => hex(random, 32);

/**
 * With which seeds random histories and inputs are made: one that is always the same, and a fresh one, so that no two runs try the
 * same. Both stand in the titles of the tests; `PROPERTY_SEED=…` repeats the fresh one.
 */
// biome-ignore lint/style/noProcessEnv: a setting of tests, and no part of the server
const given = Number(process.env.PROPERTY_SEED);

export const seeds: readonly number[] = [20_261_122, given || Math.floor(Math.random() * 2 ** 31)];

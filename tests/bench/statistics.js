// Medians, and how far they can be trusted.

const sorted = (values) => Float64Array.from(values).sort();

export function median(values) {
  const all = sorted(values);
  const middle = all.length >> 1;
  return all.length % 2 ? all[middle] : (all[middle - 1] + all[middle]) / 2;
}

/** Between which two values the true median lies, with 95 % confidence, whatever the distribution. */
export function interval(values) {
  const all = sorted(values);
  const reach = 0.98 * Math.sqrt(all.length);
  const at = (index) => all[Math.min(all.length - 1, Math.max(0, Math.round(index)))];
  return [at(all.length / 2 - 1 - reach), at(all.length / 2 + reach)];
}

/** The ratios of two series that were taken in the same rounds, without the first tenth, in which all warms up. */
export const ratios = (above, below) =>
  above.map((value, round) => value / below[round]).slice(Math.ceil(above.length / 10));

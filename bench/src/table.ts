/** Lines of a table for people. */
import type { Figure } from './figures.ts';

export function tableOf(figures: readonly Figure[]): string {
  const rows = [
    ['what', 'bare relay', 'platform', 'ratio', 'goal', ''],
    ...figures.map(({ bare, goal, met, name, platform, ratio, unit }) => [
      name,
      shown(bare, unit),
      shown(platform, unit),
      ratio === undefined ? '' : `${ratio.toFixed(2)}x`,
      goal,
      met === undefined ? '' : met ? 'met' : 'NOT MET',
    ]),
  ];
  return aligned(rows);
}

/** The first column to the left, the others to the right. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

export function shown(value: number | undefined, unit: string): string {
  if (value === undefined) return '-';
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(2)} ${unit}`;
}

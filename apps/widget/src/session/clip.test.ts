import { describe, expect, it } from 'vitest';
import { clip } from './clip.ts';

describe('clip', () => {
  it('keeps short texts and cuts long ones', () => {
    expect(clip('parcel', 10)).toBe('parcel');
    expect(clip('parcel', 3)).toBe('par');
  });

  it('never ends in half a character', () => {
    expect(clip('ab📦', 3)).toBe('ab');
    expect(clip('ab📦', 4)).toBe('ab📦');
  });

  it('mends a text that was cut by somebody else', () => {
    expect(clip('a\ud83d b\udce6', 10)).toBe('a\ufffd b\ufffd');
  });
});

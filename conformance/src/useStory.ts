/** A story for the tests of one file: begun before the first, closed after the last. */
import { afterAll, beforeAll } from 'vitest';
import { Story, type StoryWish } from './story.ts';

/** @returns a function that gives the story, once the first test has begun */
export function useStory(wish?: StoryWish): () => Story {
  let story: Story | undefined;
  beforeAll(async () => {
    story = await Story.begin(wish);
  });
  afterAll(async () => {
    await story?.close();
  });
  return () => {
    if (story === undefined) throw new Error('the story has not begun');
    return story;
  };
}

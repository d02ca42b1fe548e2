import { Anchor } from '@mantine/core';
import { linkify } from '@repo/ucwa-client/linkify';
import { memo } from 'react';

/**
 * What somebody wrote, as text; addresses in it can be opened, but tell the other site nothing about this page. The
 * pages are drawn every second for their times: what was said is looked through once.
 */
export const SaidText = memo(function SaidText({ text }: { text: string }) {
  let at = 0;
  return (
    <span className="said">
      {linkify(text).map((part) => {
        const key = at;
        at += part.text.length;
        return part.href === undefined ? (
          <span key={key}>{part.text}</span>
        ) : (
          <Anchor
            key={key}
            href={part.href}
            target="_blank"
            rel="noopener noreferrer nofollow"
            inherit
            c="inherit"
            td="underline"
          >
            {part.text}
          </Anchor>
        );
      })}
    </span>
  );
});

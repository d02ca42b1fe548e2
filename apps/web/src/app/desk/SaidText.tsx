import { Anchor } from '@mantine/core';
import { linkify } from '../../desk/linkify.ts';

/** What somebody wrote, as text; web addresses in it can be opened, but tell the other site nothing about this page. */
export function SaidText({ text }: { text: string }) {
  let at = 0;
  return (
    <span className="said">
      {linkify(text).map((part) => {
        const key = at;
        at += part.text.length;
        return 'href' in part ? (
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
        ) : (
          <span key={key}>{part.text}</span>
        );
      })}
    </span>
  );
}

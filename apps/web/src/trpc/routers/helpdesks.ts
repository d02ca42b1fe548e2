/** The helpdesks, each with the tag that a customer puts on a page. */
import { guardedProcedure, router } from '../trpc.ts';

/** The tag for a page; the key is public. */
export function scriptTag(webUrl: string, publicKey: string): string {
  return `<script type="module" src="${webUrl.replace(/\/$/, '')}/widget/v1.js" data-helpdesk="${publicKey}"></script>`;
}

export const helpdesks = router({
  list: guardedProcedure.query(async ({ ctx }) => {
    const found = await ctx.records.listHelpdesks();
    return found.map(({ id, publicKey, uri, displayName, allowedOrigins }) => ({
      id,
      publicKey,
      uri,
      displayName,
      allowedOrigins: [...allowedOrigins],
      scriptTag: scriptTag(ctx.webUrl, publicKey),
    }));
  }),
});

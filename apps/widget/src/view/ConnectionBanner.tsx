import type { Connection } from '../session/controller.ts';
import { texts } from './texts.ts';

export interface ConnectionBannerProps {
  readonly connection: Connection;
  onRetry(): void;
}

/** Says plainly that a server cannot be reached. The live region stays in the page, so that its change is read out. */
export function ConnectionBanner({ connection, onRetry }: ConnectionBannerProps) {
  const elsewhere = connection === 'elsewhere';
  return (
    <div class="banner" data-banner={connection}>
      <p role="status">{connection === 'fine' ? '' : elsewhere ? texts.elsewhere : texts.lost}</p>
      {connection !== 'fine' && (
        <button type="button" onClick={onRetry}>
          {elsewhere ? texts.useHere : texts.tryNow}
        </button>
      )}
    </div>
  );
}

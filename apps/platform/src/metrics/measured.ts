/** The same store, and the same way to post callbacks, with a clock beside them. */
import type { Post } from '../events/keepAlivePost.ts';
import type { Store } from '../store/store.ts';
import type { Metrics } from './metrics.ts';

export function measuredStore(store: Store, metrics: Metrics): Store {
  return {
    read: (look) => store.read(look),
    close: () => store.close(),
    commit: async (decide) => {
      const began = performance.now();
      let isKept = false;
      try {
        const answer = await store.commit(decide);
        isKept = true;
        return answer;
      } finally {
        metrics.commit((performance.now() - began) / 1000, isKept);
      }
    },
  };
}

export function measuredPost(post: Post, metrics: Metrics): Post {
  return async (url, options) => {
    const began = performance.now();
    let status: number | undefined;
    try {
      const answer = await post(url, options);
      status = answer.status;
      return answer;
    } finally {
      metrics.post((performance.now() - began) / 1000, status);
    }
  };
}

/**
 * What runs in the hidden frame. Asked with a JSON text `{ type, url, accepts, contentType, data, headers, messageId }`; answers with
 * `{ status, statusText, responseText, headers, messageId }` (reference/auth.md 4). Only the page that the frame was served for is
 * heard, and only addresses of this server are asked. Plain script, because its digest stands in the page's policy.
 */
export const xframeScript = `(() => {
  'use strict';
  const page = document.documentElement.dataset.origin;
  const answer = (message) => window.parent.postMessage(JSON.stringify(message), page);
  const read = (text) => {
    try {
      return typeof text === 'string' ? JSON.parse(text) : text;
    } catch {
      return undefined;
    }
  };
  // Browsers lower the case of names, and old clients look for Content-Type to the letter.
  const cased = (headers) =>
    headers.replace(/^[^:\\r\\n]+/gm, (name) =>
      name === 'etag' ? 'ETag' : name.replace(/(^|-)(www|ms)(?=-)|(^|-)[a-z]/g, (part) => part.toUpperCase()),
    );
  const send = (asked) => {
    const url = new URL(asked.url, location.origin);
    if (url.origin !== location.origin) throw new Error('another server');
    const request = new XMLHttpRequest();
    request.open(String(asked.type || 'GET').toUpperCase(), url.href);
    for (const [name, value] of Object.entries(asked.headers || {})) {
      if (!/^x-(ms-origin|requested-with)$/i.test(name)) request.setRequestHeader(name, value);
    }
    if (asked.accepts) request.setRequestHeader('Accept', asked.accepts);
    const hasBody = asked.data !== undefined && asked.data !== null;
    if (hasBody && asked.contentType) request.setRequestHeader('Content-Type', asked.contentType);
    request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
    request.setRequestHeader('X-Ms-Origin', page);
    request.onloadend = () =>
      answer({
        status: request.status,
        statusText: request.statusText,
        responseText: request.responseText,
        headers: cased(request.getAllResponseHeaders()),
        messageId: asked.messageId,
      });
    request.send(hasBody ? (typeof asked.data === 'string' ? asked.data : JSON.stringify(asked.data)) : null);
  };
  addEventListener('message', (event) => {
    if (event.source !== window.parent || event.origin !== page) return;
    const asked = read(event.data);
    if (typeof asked !== 'object' || asked === null) return;
    try {
      send(asked);
    } catch (error) {
      answer({ status: 0, statusText: String(error), responseText: '', headers: '', messageId: asked.messageId });
    }
  });
})();`;

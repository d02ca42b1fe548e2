// The demo that a first start sets up: one tenant, one helpdesk, the people who answer.

export const tenant = { domain: 'contoso.com', displayName: 'Contoso' };

export const application = {
  clientId: 'bridgedesk-web',
  displayName: 'Bridgedesk service application',
  audience: 'https://bridgedesk.contoso.com',
};

export const helpdesk = { publicKey: 'contoso', uri: 'sip:helpdesk@contoso.com', displayName: 'Contoso Help Desk' };

export const people = [
  { email: 'ann@contoso.com', name: 'Ann Larsen', sipUri: 'sip:ann@contoso.com', role: 'agent' },
  { email: 'ben@contoso.com', name: 'Ben Okafor', sipUri: 'sip:ben@contoso.com', role: 'agent' },
  { email: 'sofia@contoso.com', name: 'Sofia Marin', sipUri: 'sip:sofia@contoso.com', role: 'supervisor' },
  { email: 'admin@contoso.com', name: 'Alex Admin', sipUri: 'sip:admin@contoso.com', role: 'admin' },
];

/** Registers the demo with the platform; saying it again changes nothing. */
export async function registerDemo({ platformUrl, webUrl, operatorToken, clientSecret }) {
  const base = `${platformUrl}/management/tenants/${tenant.domain}`;
  const put = async (href, body) => {
    const answer = await fetch(href, {
      method: 'PUT',
      headers: { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    if (!answer.ok)
      throw new Error(`Setting up the demo failed: ${href} answered ${answer.status} ${await answer.text()}`);
  };
  await put(base, { displayName: tenant.displayName, allowedOrigins: [webUrl] });
  await put(`${base}/applications/${application.clientId}`, {
    displayName: application.displayName,
    audience: application.audience,
    callbackHosts: [new URL(webUrl).host],
    // The web app runs on this machine.
    callbackCidrs: ['127.0.0.0/8', '::1/128'],
    actForUsers: true,
    clientSecret,
  });
  await put(`${base}/endpoints/${encodeURIComponent(helpdesk.uri)}`, {
    clientId: application.clientId,
    displayName: helpdesk.displayName,
    callbackUrl: `${webUrl}/api/callback`,
    audience: application.audience,
  });
  for (const person of people) {
    await put(`${base}/people/${encodeURIComponent(person.sipUri)}`, { displayName: person.name });
  }
}

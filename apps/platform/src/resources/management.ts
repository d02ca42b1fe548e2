/**
 * What operators set up and look at (docs/management.md): tenants, their applications with secrets, endpoints and people; signing
 * keys; callbacks. Only the holder of the operator token gets in, before anything of a request is read.
 * Every PUT and DELETE may be repeated. A PUT changes what it names; what it leaves out stays, or is the default of something new.
 */
import type { FastifyInstance } from 'fastify';
import { authenticateOperator } from '../auth/operator.ts';
import type { Deps } from '../deps.ts';
import { registerManagedApplications } from './management/applications.ts';
import { registerManagedCallbacks } from './management/callbacks.ts';
import { registerManagedEndpoints } from './management/endpoints.ts';
import { registerManagedPeople } from './management/people.ts';
import { registerManagedSecrets } from './management/secrets.ts';
import { registerManagedSigningKeys } from './management/signingKeys.ts';
import { registerManagedTenants } from './management/tenants.ts';

export function registerManagement(app: FastifyInstance, deps: Deps): void {
  void app.register(async (scope) => {
    scope.addHook('onRequest', authenticateOperator(deps.operatorToken));
    registerManagedTenants(scope, deps);
    registerManagedApplications(scope, deps);
    registerManagedSecrets(scope, deps);
    registerManagedEndpoints(scope, deps);
    registerManagedPeople(scope, deps);
    registerManagedSigningKeys(scope, deps);
    registerManagedCallbacks(scope, deps);
  });
}

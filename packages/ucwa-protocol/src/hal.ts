/** The hypermedia shapes that every resource on the wire shares (reference/service-api.md 0, reference/ucwa-api.md 0). */

export interface Link {
  readonly href: string;
  readonly title?: string;
  /** Version of the relation; a missing one means "1" (reference/ucwa-api.md 0). */
  readonly revision?: string;
}

export type Links = Readonly<Record<string, Link | readonly Link[] | undefined>>;
export type Embedded = Readonly<Record<string, Resource | readonly Resource[] | undefined>>;

/** Any resource. Members other than these three are the resource's own; unknown ones are to be ignored. */
export interface Resource {
  readonly rel?: string;
  readonly etag?: string;
  readonly _links?: Links;
  readonly _embedded?: Embedded;
  readonly [member: string]: unknown;
}

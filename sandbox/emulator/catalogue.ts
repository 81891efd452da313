import fixtures from './fixtures.json';

/** A region as the API answers it. */
export interface Region {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly region_iso_2: string;
  readonly href: string;
  readonly bgp: { readonly hosts: readonly string[]; readonly asn: number };
  readonly location: string;
}

export interface Image {
  readonly id: number;
  /** What a server's record calls it: "Ubuntu 22.04 64bit". */
  readonly name: string;
  /** What a client orders it by: `ubuntu_22_04`. */
  readonly slug: string;
}

interface Price {
  readonly id: number;
  readonly unit: string;
  readonly price: number;
  readonly currency: string;
  readonly taxed: boolean;
}

export interface Plan {
  readonly id: number;
  readonly href: string;
  readonly name: string;
  readonly slug: string;
  readonly title: string;
  readonly type: string;
  readonly category: string;
  readonly custom: boolean;
  readonly specs: object;
  readonly pricing: readonly Price[];
  /** Where it is offered, by region id. */
  readonly regions: readonly { readonly id: number; readonly stock: number; readonly spot: number }[];
  /** Ids of the images that it can be installed with. */
  readonly images: readonly number[];
}

/** What can be ordered. Part of the state, because a real catalogue changes under its clients (slugs are renamed, stock ends). */
export interface Catalogue {
  readonly regions: readonly Region[];
  readonly images: readonly Image[];
  readonly plans: readonly Plan[];
  readonly cycles: readonly { readonly id: number; readonly name: string; readonly slug: string }[];
}

/** The catalogue that an emulator starts with: fixtures.json, with every plan in every region and with every image. */
export const initialCatalogue: Catalogue = {
  regions: fixtures.regions,
  images: fixtures.images,
  plans: fixtures.plans.map((plan) => ({
    ...plan,
    regions: fixtures.regions.map(({ id }) => ({ id, stock: fixtures.stock_qty, spot: 0 })),
    images: fixtures.images.map(({ id }) => id),
  })),
  cycles: fixtures.cycles,
};

/** By slug or id, both of which the API takes. */
export const tryFindRegion = (catalogue: Catalogue, key: string): Region | undefined =>
  catalogue.regions.find((region) => region.slug === key || String(region.id) === key);

export const tryFindPlan = (catalogue: Catalogue, key: string): Plan | undefined =>
  catalogue.plans.find((plan) => plan.slug === key || String(plan.id) === key);

/** By slug or name, both of which the API takes, among the plan's own images. */
export const tryFindImage = (catalogue: Catalogue, plan: Plan, key: string): Image | undefined =>
  imagesOf(catalogue, plan).find((image) => image.slug === key || image.name === key);

/** The plan's images, in the catalogue's order. */
export const imagesOf = (catalogue: Catalogue, plan: Plan): readonly Image[] =>
  catalogue.images.filter((image) => plan.images.includes(image.id));

export interface CatalogueChange {
  readonly regions?: readonly { readonly slug: string; readonly newSlug?: string | undefined }[] | undefined;
  readonly images?:
    | readonly {
        readonly slug: string;
        readonly newSlug?: string | undefined;
        readonly newName?: string | undefined;
      }[]
    | undefined;
  readonly plans?:
    | readonly {
        readonly slug: string;
        readonly newSlug?: string | undefined;
        /** Pieces left by region slug; a region that is not named keeps its stock, null takes the plan out of it. */
        readonly stock?: Readonly<Record<string, number | null>> | undefined;
        /** Slugs of the images that it can be installed with from now on. */
        readonly images?: readonly string[] | undefined;
      }[]
    | undefined;
}

/** A catalogue after the vendor changed it. What it names that is not there is left alone. */
export function changedCatalogue(catalogue: Catalogue, change: CatalogueChange): Catalogue {
  const regionId = (slug: string): number | undefined =>
    catalogue.regions.find((region) => region.slug === slug)?.id;
  const renamed = <T extends { slug: string; name: string }>(
    entry: T,
    changes: readonly { slug: string; newSlug?: string | undefined; newName?: string | undefined }[] = [],
  ): T => {
    const found = changes.find(({ slug }) => slug === entry.slug);
    return { ...entry, slug: found?.newSlug ?? entry.slug, name: found?.newName ?? entry.name };
  };
  return {
    ...catalogue,
    regions: catalogue.regions.map((region) => renamed(region, change.regions)),
    images: catalogue.images.map((image) => renamed(image, change.images)),
    plans: catalogue.plans.map((plan) => {
      const found = change.plans?.find(({ slug }) => slug === plan.slug);
      if (!found) return plan;
      const stock = Object.entries(found.stock ?? {}).map(([slug, left]) => ({ id: regionId(slug), left }));
      return {
        ...renamed(plan, change.plans),
        regions: plan.regions
          .map((offer) => ({ ...offer, stock: stock.find(({ id }) => id === offer.id)?.left ?? offer.stock }))
          .filter((offer) => !stock.some(({ id, left }) => id === offer.id && left === null)),
        images: found.images
          ? catalogue.images.filter(({ slug }) => found.images?.includes(slug)).map(({ id }) => id)
          : plan.images,
      };
    }),
  };
}

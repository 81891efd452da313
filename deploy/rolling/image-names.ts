/**
 * An image by its full name: lists of Docker leave out what belongs to Docker Hub (distribution/reference, "FamiliarName"),
 * records and plans do not. `postgres@sha256:…` is `docker.io/library/postgres@sha256:…`.
 */
export function fullName(image: string): string {
  const slash = image.indexOf('/');
  const first = slash === -1 ? '' : image.slice(0, slash);
  if (/[.:]/.test(first) || first === 'localhost') return image;
  return slash === -1 ? `docker.io/library/${image}` : `docker.io/${image}`;
}

/** An element of popup.html. */
export function part<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`popup.html has no such part: ${id}`);
  return found;
}

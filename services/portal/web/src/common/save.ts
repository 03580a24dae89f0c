/** Hands a file over to the person. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // some browsers read it only later
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// What was read, marked and typed, kept in this browser until it is recorded or discarded.
const key = ({ source, version }) => `reading desk: ${source}, version ${version}`;

export function keep(of, draft) {
  try {
    localStorage.setItem(key(of), JSON.stringify(draft));
  } catch {
    // a browser that keeps nothing still reads
  }
}

export function kept(of) {
  try {
    return JSON.parse(localStorage.getItem(key(of))) ?? {};
  } catch {
    return {};
  }
}

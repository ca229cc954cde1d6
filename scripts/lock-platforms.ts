/** The fields of package-lock.json (version 3) about optional packages. */
type LockEntry = {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};
export type Lock = { readonly packages: Readonly<Record<string, LockEntry>> };

/** An optional dependency that the lock lacks; `entry` is null if its name does not show its platform. */
export type MissingPlatform = { readonly name: string; readonly version: string; readonly entry: LockEntry | null };

const systems = new Map(Object.entries({ windows: "win32" }));
for (const system of ["android", "darwin", "linux", "win32", "freebsd", "netbsd", "openbsd", "openharmony", "sunos", "aix"])
  systems.set(system, system);
const processors = new Map(Object.entries({ "64": "x64" }));
for (const processor of ["arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "x64"])
  processors.set(processor, processor);

/**
 * Optional packages that the lock lacks, each once. npm omits those that the current registry does not have,
 * and then `npm ci` refuses the lock because they are missing, although no machine needs them.
 */
export function missingPlatforms(lock: Lock): MissingPlatform[] {
  const missing = new Map<string, MissingPlatform>();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!isHeld(lock, path, name)) missing.set(name, { name, version, entry: platformEntry(name, version, entry.dev === true) });
    }
  }
  return [...missing.values()];
}

/** The lock with an entry for each missing package whose platform is known, in npm's order. */
export function withPlatforms(lock: Lock, missing: readonly MissingPlatform[]): Lock {
  const added = missing.flatMap(({ name, entry }) => (entry === null ? [] : [[`node_modules/${name}`, entry] as const]));
  const packages = [...Object.entries(lock.packages), ...added].sort(([a], [b]) => a.localeCompare(b, "en"));
  return { ...lock, packages: Object.fromEntries(packages) };
}

/** Looks where Node would: beside the dependent, then in every folder above it. */
function isHeld(lock: Lock, path: string, name: string): boolean {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    if (lock.packages[`${folder === "" ? "" : `${folder}/`}node_modules/${name}`] !== undefined) return true;
    if (folder === "") return false;
  }
}

function platformEntry(name: string, version: string, dev: boolean): LockEntry | null {
  const words = (name.split("/").at(-1) ?? "").split("-");
  const [os] = words.flatMap((word) => systems.get(word) ?? []);
  const [cpu] = words.flatMap((word) => processors.get(word) ?? []);
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+/.test(version)) return null;
  const libc =
    os !== "linux"
      ? null
      : words.some((word) => word.startsWith("musl"))
        ? "musl"
        : words.some((word) => word.startsWith("gnu"))
          ? "glibc"
          : null;
  return { version, cpu: [cpu], ...(dev ? { dev } : {}), ...(libc === null ? {} : { libc: [libc] }), optional: true, os: [os] };
}

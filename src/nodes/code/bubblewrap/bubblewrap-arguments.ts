import type { PythonInstallation } from './python-installation.js';

/** Where shared libraries are, by Node's name of the architecture. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  x64: ['/usr/lib/x86_64-linux-gnu'],
  arm64: ['/usr/lib/aarch64-linux-gnu', '/usr/lib/ld-linux-aarch64.so.1'],
};

/** The dynamic loader's other files, where alternatives of libraries lead, and time zones. */
const SYSTEM = ['/usr/lib64', '/etc/ld.so.cache', '/etc/alternatives', '/usr/share/zoneinfo'];
const DEVICES = ['/dev/null', '/dev/urandom', '/dev/random'];
/** What code may write to `/tmp`, in bytes, on top of its memory limit. */
const SCRATCH_BYTES = 64 * 1024 * 1024;

/**
 * The arguments of bubblewrap for one run of Python: every namespace is new, there is no capability and no way to more
 * user namespaces, `/` holds Python's own files read-only and 64 MiB of `/tmp`, and a seccomp filter comes on
 * descriptor 4. Python is the only process in it. The tmpfs that bubblewrap makes of `/` and `/dev` would take any
 * amount of memory: they are read-only.
 */
export function bubblewrapArguments(
  python: PythonInstallation,
  architecture: string,
  program: string,
): readonly string[] {
  const shown = [...new Set([python.executable, ...python.paths, ...(LIBRARIES[architecture] ?? []), ...SYSTEM])];
  return [
    ...words('--unshare-user --unshare-all --disable-userns --as-pid-1 --die-with-parent --new-session'),
    ...words('--uid 65534 --gid 65534 --cap-drop ALL --hostname sandbox --clearenv'),
    ...Object.entries(ENVIRONMENT).flatMap(([name, value]) => ['--setenv', name, value]),
    ...shown.flatMap((path) => ['--ro-bind-try', path, path]),
    ...words('--symlink usr/lib /lib --symlink usr/lib64 /lib64'),
    ...words('--proc /proc --size 65536 --tmpfs /dev'),
    ...DEVICES.flatMap((path) => ['--dev-bind', path, path]),
    ...words(`--remount-ro /dev --size ${SCRATCH_BYTES} --tmpfs /tmp --remount-ro /`),
    ...words('--chdir /tmp --seccomp 4 --'),
    python.executable,
    ...words('-I -B -X utf8 -c'),
    program,
  ];
}

const words = (text: string): readonly string[] => text.split(' ');

/** One thread a library: their stacks count as memory, and a job has one processor's worth of time. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/bin',
  HOME: '/tmp',
  TZ: 'UTC',
  OPENBLAS_NUM_THREADS: '1',
  OMP_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
};

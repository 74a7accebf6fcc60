/**
 * What runs in a native Python sandbox, after {@link PYTHON_JOB}: limits itself, imports what it shall have ready, says
 * so on descriptor 3, reads one job from descriptor 0 and answers on descriptor 3.
 *
 * A limit that has been lowered can't be raised again, as the sandbox has no capability.
 */
export const PYTHON_WORKER = String.raw`
def _serve(preload):
    import gc, importlib, os, resource

    def limit(what, soft, hard=None):
        resource.setrlimit(what, (soft, soft if hard is None else hard))

    # What the server itself inherited may not be marked to be closed.
    for channel in os.listdir('/proc/self/fd'):
        if int(channel) > 3:
            try:
                os.close(int(channel))
            except OSError:
                pass
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_NOFILE, 64)
    limit(resource.RLIMIT_FSIZE, 64 << 20)
    limit(resource.RLIMIT_STACK, 8 << 20, 64 << 20)
    sys.set_int_max_str_digits(0)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors='backslashreplace')
    versions = {'python': sys.version.split()[0]}
    for name in preload:
        try:
            importlib.import_module(name)
            package = name.split('.')[0]
            versions[package] = str(getattr(sys.modules[package], '__version__', ''))
        except ImportError:
            pass
    if 'pandas' in versions:
        sys.modules['pandas'].DataFrame({'a': [1.5, None], 'b': ['x', 'y']}).describe()
    gc.collect()
    gc.freeze()

    def write(channel, data):
        view = memoryview(data)
        while view:
            view = view[os.write(channel, view):]

    def read(count):
        data = bytearray()
        while len(data) < count:
            chunk = os.read(0, min(count - len(data), 1 << 20))
            if not chunk:
                os._exit(0)
            data += chunk
        return data

    write(3, json.dumps(versions).encode() + b'\n')
    head = bytearray()
    while not head.endswith(b'\n'):
        head += read(1)
    nonce, length, memory, seconds = head.decode().split()
    request = bytes(read(int(length)))
    empty = os.open('/dev/null', os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    memory, seconds = int(memory) << 20, int(seconds)
    limit(resource.RLIMIT_CPU, seconds)
    limit(resource.RLIMIT_DATA, memory, memory + (16 << 20))
    limit(resource.RLIMIT_AS, memory + (1 << 30))
    answer = run(request)
    # What an error needs to be said may be more than the job has left.
    resource.setrlimit(resource.RLIMIT_DATA, (memory + (16 << 20), memory + (16 << 20)))
    marked = b''
    for stream, channel in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except BaseException:
            pass
        try:
            write(channel, nonce.encode())
            marked += b'%d' % channel
        except OSError:
            pass
    answer = answer.encode('ascii')
    write(3, b'%s %d %s\n' % (nonce.encode(), len(answer), marked))
    write(3, answer)
    while True:
        import signal
        signal.pause()
`;

/** The whole program of a native Python sandbox. */
export function pythonProgram(job: string, preload: readonly string[]): string {
  return `${job}${PYTHON_WORKER}\n_serve(${JSON.stringify(preload)})\n`;
}

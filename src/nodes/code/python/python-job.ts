/**
 * The part of a Python sandbox that is the same natively and in pyodide: `run(request)` takes a job as JSON text and
 * returns its answer as ASCII JSON text, and never raises. What is in it never trusts what the job left behind.
 *
 * Names begin with an underscore as the whole lives in a module that the job's own code does not see.
 */
export const PYTHON_JOB = String.raw`
import json, math, sys, types

_SAFE = 2 ** 53 - 1
_DEPTH = 200
_FILE = '<code>'
_NOT_FINITE = 'Values that are not numbers (NaN, infinity, NaT, NA) became null.'
_BIG = 'Integers beyond 2^53 became strings.'
_DECIMAL = 'Decimal numbers became strings.'
_NO_RESULT = 'The code did not set the variable result.'


class _NotJson(Exception):
    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason
        self.path = ''


def _indentation(line):
    return line[: len(line) - len(line.lstrip(' \t'))]


def _dedent(code):
    """Removes what all lines are indented by. Returns the code and whether it is still indented."""
    lines = code.split('\n')
    common = None
    for line in lines:
        if line.strip() == '':
            continue
        indentation = _indentation(line)
        if common is None:
            common = indentation
        while not indentation.startswith(common):
            common = common[:-1]
        if common == '':
            break
    if common:
        lines = [line[len(common):] if line.startswith(common) else line.lstrip(' \t') for line in lines]
    first = next((line for line in lines if line.strip() != '' and not line.lstrip().startswith('#')), '')
    return '\n'.join(lines), _indentation(first) != ''


def _compile(code):
    """Text in a string may begin left of the code around it; such code becomes a block, one line further down."""
    text, indented = _dedent(code)
    if not indented:
        return compile(text, _FILE, 'exec', dont_inherit=True), text
    import ast
    try:
        tree = ast.parse('if True:\n' + text, _FILE)
    except SyntaxError as error:
        if error.lineno is not None:
            error.lineno -= 1
        raise
    return compile(ast.increment_lineno(tree, -1), _FILE, 'exec', dont_inherit=True), text


class _Encoder:
    def __init__(self):
        self.notes = {}

    def note(self, text):
        self.notes[text] = True

    def plain(self, value, depth=0):
        kind = type(value)
        if kind is str or value is None or kind is bool:
            return value
        if kind is int:
            if -_SAFE <= value <= _SAFE:
                return value
            self.note(_BIG)
            return str(value)
        if kind is float:
            if math.isfinite(value):
                return value
            self.note(_NOT_FINITE)
            return None
        if depth > _DEPTH:
            raise _NotJson('is nested deeper than %d levels, or contains itself' % _DEPTH)
        if kind is list or kind is tuple:
            return self.items(value, depth)
        if kind is dict:
            return self.members(value, depth)
        return self.other(value, depth)

    def items(self, values, depth):
        plain = []
        for value in values:
            try:
                plain.append(self.plain(value, depth + 1))
            except _NotJson as error:
                error.path = '[%d]' % len(plain) + error.path
                raise
        return plain

    def members(self, value, depth):
        plain = {}
        for key, member in value.items():
            name = key if type(key) is str else self.key(key)
            if name in plain:
                raise _NotJson('has two keys that are %r as text' % name[:80])
            try:
                plain[name] = self.plain(member, depth + 1)
            except _NotJson as error:
                error.path = '[%s]' % repr(name)[:80] + error.path
                raise
        return plain

    def key(self, key):
        if isinstance(key, str):
            return str(key)
        if isinstance(key, (tuple, bytes)):
            raise _NotJson('has a key of type %s; keys must be texts or numbers' % type(key).__name__)
        if key is None or isinstance(key, bool):
            return {None: 'null', True: 'true', False: 'false'}[key]
        value = self.other(key, 0) if not isinstance(key, (int, float)) else key
        if isinstance(value, (str, int, float)):
            return str(value)
        raise _NotJson('has a key of type %s; keys must be texts or numbers' % type(key).__name__)

    def missing(self):
        self.note(_NOT_FINITE)
        return None

    def other(self, value, depth):
        import datetime, decimal, enum, pathlib, uuid
        from collections.abc import KeysView, Mapping, ValuesView
        numpy = sys.modules.get('numpy')
        pandas = sys.modules.get('pandas')
        if pandas is not None and hasattr(pandas, 'DataFrame'):
            if value is pandas.NaT or value is pandas.NA:
                return self.missing()
            if isinstance(value, pandas.DataFrame):
                return self.items(value.to_dict('records'), depth)
            if isinstance(value, pandas.Series):
                if isinstance(value.index, pandas.RangeIndex):
                    return self.items(value.tolist(), depth)
                return self.members(dict(zip(value.index.tolist(), value.tolist())), depth)
            if isinstance(value, (pandas.Index, pandas.Categorical, pandas.api.extensions.ExtensionArray)):
                return self.items(value.tolist(), depth)
            if isinstance(value, (pandas.Period, pandas.Interval)):
                return str(value)
        if numpy is not None and hasattr(numpy, 'ndarray'):
            if isinstance(value, (numpy.datetime64, numpy.timedelta64)):
                return self.missing() if numpy.isnat(value) else str(value)
            if isinstance(value, numpy.ndarray):
                if value.dtype.kind in 'mM':
                    return self.items(list(value), depth)
                return self.plain(value.tolist(), depth + 1)
            if isinstance(value, numpy.generic):
                item = value.item()
                if type(item) is type(value):
                    raise _NotJson('is of type %s' % type(value).__name__)
                return self.plain(item, depth + 1)
        if isinstance(value, enum.Enum):
            return self.plain(value.value, depth + 1)
        if isinstance(value, str):
            return str.__str__(value)
        if isinstance(value, int):
            return self.plain(int(value), depth + 1)
        if isinstance(value, float):
            return self.plain(float(value), depth + 1)
        if isinstance(value, (datetime.date, datetime.time)):
            return value.isoformat()
        if isinstance(value, datetime.timedelta):
            return value.total_seconds()
        if isinstance(value, decimal.Decimal):
            if not value.is_finite():
                return self.missing()
            self.note(_DECIMAL)
            return str(value)
        if isinstance(value, (uuid.UUID, pathlib.PurePath)):
            return str(value)
        if isinstance(value, Mapping):
            return self.members(value, depth)
        if isinstance(value, (list, tuple, range, KeysView, ValuesView)):
            return self.items(value, depth)
        if isinstance(value, (set, frozenset)):
            try:
                return self.items(sorted(value), depth)
            except TypeError:
                return self.items(value, depth)
        fields = getattr(type(value), '__dataclass_fields__', None)
        if fields is not None:
            return self.members({name: getattr(value, name) for name in fields}, depth)
        raise _NotJson('is of type %s, which is not JSON' % type(value).__name__)


def _bounded(text, limit=2000):
    return text if len(text) <= limit else text[:limit] + '…'


def _without_paths(text):
    for folder in sorted(set(filter(None, sys.path + [sys.prefix + '/lib'])), key=len, reverse=True):
        text = text.replace(folder + '/', '')
    return text


def _fault(error, source, hint):
    lines = source.split('\n')
    text_of = lambda line: lines[line - 1].strip()[:200] if line and 0 < line <= len(lines) else None
    try:
        message = str(error)
    except BaseException:
        message = '(its text could not be had)'
    line = None
    frames = []
    at = error.__traceback__
    while at is not None:
        if at.tb_frame.f_code.co_filename == _FILE:
            line = at.tb_lineno
            if len(frames) < 40:
                name = at.tb_frame.f_code.co_name
                frames.append('line %d%s: %s' % (line, '' if name == '<module>' else ', in ' + name[:80], text_of(line) or ''))
        at = at.tb_next
    if isinstance(error, SyntaxError) and (error.filename == _FILE or line is None):
        message, line = error.msg, error.lineno
    if isinstance(error, ModuleNotFoundError) and hint:
        message += '. ' + hint
    if isinstance(error, SystemExit):
        message = 'The code asked its process to end (%s)' % message
    return {
        'type': type(error).__name__[:200],
        'message': _bounded(_without_paths(message)),
        'line': line,
        'text': text_of(line),
        'traceback': frames if len(frames) <= 20 else frames[:10] + ['…'] + frames[-9:],
    }


def _javascript_is_full(error):
    """In pyodide, what is handed to JavaScript may find no memory there; the error's cause says so."""
    try:
        causes = (error, error.__cause__)
        return any(type(at).__name__ == 'JsException' and 'allocation failed' in str(at) for at in causes)
    except BaseException:
        return False


def run(request):
    job = json.loads(request)
    encoder = _Encoder()
    reserve = bytearray(1 << 20)
    source = job['code']
    module = types.ModuleType('__main__')
    sys.modules['__main__'] = module
    space = module.__dict__
    try:
        compiled, source = _compile(source)
        space.update(job['variables'])
        exec(compiled, space)
        if 'result' not in space:
            encoder.note(_NO_RESULT)
        plain = encoder.plain(space.get('result'))
        text = json.dumps(plain, allow_nan=False, check_circular=False, separators=(',', ':'))
        if len(text) > job['max']:
            return json.dumps({'kind': 'too_large'})
        notes = json.dumps(list(encoder.notes))
        return '{"kind":"ok","notes":' + notes + ',"result":' + text + '}'
    except MemoryError as error:
        del reserve
        fault = _fault(error, source, '')
        error.__traceback__ = None
        return json.dumps({'kind': 'memory', 'line': fault['line']})
    except _NotJson as error:
        fault = {'type': 'NotSerialisable', 'message': 'result%s %s' % (error.path[:200], error.reason)}
        return json.dumps({'kind': 'error', 'fault': fault})
    except BaseException as error:
        fault = _fault(error, source, job.get('hint', ''))
        if _javascript_is_full(error):
            return json.dumps({'kind': 'memory', 'line': fault['line']})
        return json.dumps({'kind': 'error', 'fault': fault})
`;

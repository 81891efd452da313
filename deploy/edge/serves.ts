import { askFromEdge, execInEdge, quick } from '../rolling/commands';
import type { RemoteCommand } from '../transport';

/**
 * Prints `the same` where two programs print the same JSON, whatever the order of its keys, and else where they first
 * differ. The argv arrays of both are its arguments, as JSON. Every word of it is fixed.
 */
const comparison = `
import json, subprocess, sys
def asked(argv):
    ended = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if ended.returncode != 0:
        sys.stderr.buffer.write(ended.stderr)
        sys.exit(1)
    return json.loads(ended.stdout)
def first(a, b, at):
    if type(a) is type(b) is dict:
        for key in sorted(set(a) | set(b)):
            if key not in a or key not in b:
                return at + [key]
            found = first(a[key], b[key], at + [key])
            if found is not None:
                return found
        return None
    if type(a) is type(b) is list and len(a) == len(b):
        for index, pair in enumerate(zip(a, b)):
            found = first(*pair, at + [str(index)])
            if found is not None:
                return found
        return None
    return None if a == b else at
where = first(*[asked(json.loads(argv)) for argv in sys.argv[1:]], [])
print('the same' if where is None else 'differs at ' + ('/'.join(where) or 'the top'))
`;

/** What {@link servesWhat} says where the file is what serves. */
export const theSame = 'the same';

/**
 * Whether the running Caddy serves what a file says: its admin interface is asked for the whole configuration (Caddy
 * documentation, "API", GET /config/), and the same binary what it makes of the file.
 *
 * @param file in the container
 */
export const servesWhat = (file: string): RemoteCommand => ({
  argv: [
    'python3',
    '-c',
    comparison,
    JSON.stringify(askFromEdge('http://127.0.0.1:2019/config/')),
    JSON.stringify(execInEdge('caddy', 'adapt', '--config', file, '--adapter', 'caddyfile')),
  ],
  deadline: quick,
});

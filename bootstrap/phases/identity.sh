# First of all, so that whoever reads a later failure knows which machine it is from (docs/decisions/0005).
phase_identity() {
  local key
  if [ -s $state/enrollment ]; then
    change 'prove the host keys, erase the token' prove_host_keys
    return
  fi
  for key in /etc/ssh/ssh_host_*_key.pub; do
    grep -qsF "$(cut -d' ' -f1,2 "$key") " $state/host-key.proof $memory/host-key.proof ||
      say "  no proof of $key, and no token to make one"
  done
}

# In Python, which cloud-init brings: openssl takes the key of an HMAC only as an argument, for all to see.
# The token's copies are overwritten in place, byte for byte: that works on a full disk, keeps cloud-init's pickled
# data readable, and leaves the instance id alone, so that the next boot is not taken for a new instance. Copies in
# base64 are found at each of the three places that a byte can have in it, in lines of any length.
# The proof is on the disk before: a host that loses its power between would have neither, and could never prove itself.
prove_host_keys() {
  python3 - <<'END'
import base64, glob, hashlib, hmac, os, re, sys
token_file = '/var/lib/cogni/enrollment'
token = open(token_file, 'rb').read().strip()
proof = b''
for path in sorted(glob.glob('/etc/ssh/ssh_host_*_key.pub')):
    key = b' '.join(open(path, 'rb').read().split()[:2])
    proof += key + b' ' + hmac.new(token, key, hashlib.sha256).hexdigest().encode() + b'\n'
if not proof:
    sys.exit('there is no host key in /etc/ssh')
for folder in ('/var/lib/cogni', '/run/cogni'):
    path = folder + '/host-key.proof'
    try:
        with open(path + '.new', 'wb') as new:
            new.write(proof)
        os.replace(path + '.new', path)
        os.sync()
        break
    except OSError as error:
        print(error)
else:
    sys.exit('the proof could not be written')
def encoded(before):
    text = base64.b64encode(b'.' * before + token)
    whole = text[-(-before * 8 // 6):(before + len(token)) * 8 // 6]
    return rb'(?:\\n|\n)?'.join(re.escape(bytes([byte])) for byte in whole)
copies = re.compile(b'|'.join([re.escape(token)] + [encoded(before) for before in range(3)]))
def crossed(copy):
    return re.sub(rb'(\\n|\n)|.', lambda byte: byte[1] or b'x', copy[0])
def erase(path):
    with open(path, 'r+b') as file:
        text = file.read()
        if copies.search(text):
            file.seek(0)
            file.write(copies.sub(crossed, text))
            file.flush()
            os.fsync(file.fileno())
for top in ('/var/lib/cloud', '/run/cloud-init'):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            try:
                if os.path.isfile(path) and not os.path.islink(path):
                    erase(path)
            except OSError as error:
                print('not erased:', error)
erase(token_file)
os.remove(token_file)
END
}

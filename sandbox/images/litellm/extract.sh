#!/bin/sh
# Puts LiteLLM and the packages that it needs in, and loads its server once: Python keeps the bytecode of what was
# loaded, which no container could write later, since it runs as a user without rights.
set -eu
root=$1
python=python3.11

for name in python python3; do ln -s "$python" "$root/usr/bin/$name"; done
site="$root/usr/local/lib/$python/dist-packages"
mkdir -p "$site" "$root/app" "$root/usr/local/bin"
cp -r "$PACKAGES/." "$site"
# Programs that the packages bring: they name the interpreter of the machine that installed them.
rm -rf "${site:?}/bin"
cat > "$root/usr/local/bin/litellm" <<'EOF'
#!/usr/bin/python3
import sys
from litellm import run_server

sys.exit(run_server())
EOF
chmod 0755 "$root/usr/local/bin/litellm"
chown -R 0:0 "$site"
chown 65534:65534 "$root/app"
# Nothing of this machine's environment: it may tell Python to keep no bytecode.
env -i PATH="$PATH" LITELLM_LOCAL_MODEL_COST_MAP=True \
  chroot "$root" python3 -c 'import litellm.proxy.proxy_server'
# Bytecode as Python keeps it by itself counts only as long as its source has the same date, and files of an image get dates
# of their own: every start would compile it all again, which takes longer than everything else. This kind is not compared.
env -i PATH="$PATH" chroot "$root" python3 - <<'EOF'
from importlib.util import source_from_cache
from pathlib import Path
from py_compile import PycInvalidationMode, compile

for kept in Path("/usr").glob("**/__pycache__/*.pyc"):
    compile(source_from_cache(str(kept)), doraise=True, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
EOF
test -d "$site/litellm/proxy/__pycache__"

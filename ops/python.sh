# Sets $python to a Python 3.11 or later, or says what to install. Read by ops/demo and ops/test with `.`.

python=
for candidate in "${ACCORD_PYTHON:-}" python3 python3.11 python3.12 python3.13 python3.14 python; do
    [ -n "$candidate" ] || continue
    # A version manager's stand-in is found on PATH and yet may not start, so each is tried.
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done

if [ -z "$python" ]; then
    cat >&2 <<'MESSAGE'
Accord needs Python 3.11 or later, and none was found.

  Debian 12, Ubuntu 24.04 and later:  apt-get install python3 python3-venv
  Fedora, RHEL 9:                     dnf install python3.11
  macOS:                              brew install python@3.13

If it is installed in another place, name it: ACCORD_PYTHON=/path/to/python3 ops/demo
MESSAGE
    exit 1
fi

#!/bin/sh
# Makes .venv and installs what a requirements file pins: `sh scripts/install.sh requirements.txt`.
# A changed file is installed again; an install that was interrupted starts over from an empty .venv.
set -eu
requirements=$1
cd "$(dirname "$0")/.."
installed=".venv/installed-$requirements"
unfinished=.venv/unfinished

# True where $1 is a Python from 3.$2 to 3.$3 that really runs (a pyenv shim may exist and fail)
# and can make a virtual environment with pip.
is_usable() {
    "$1" -c "import sys, venv, ensurepip
sys.exit(not (3, $2) <= sys.version_info[:2] <= (3, $3))" >/dev/null 2>&1
}

# Prints the full path of the first usable Python on PATH of the names $3…
find_python() {
    lowest=$1 highest=$2
    shift 2
    for name in "$@"; do
        saved_ifs=$IFS
        IFS=:
        for folder in $PATH; do
            if [ -x "$folder/$name" ] && is_usable "$folder/$name" "$lowest" "$highest"; then
                IFS=$saved_ifs
                printf '%s\n' "$folder/$name"
                return 0
            fi
        done
        IFS=$saved_ifs
    done
    return 1
}

make_venv() {
    if python=$(find_python 11 12 python3.12 python3.11 python3); then
        :
    elif python=$(find_python 13 99 python3.13 python3.14 python3); then
        echo "注意：没有找到 Python 3.11 或 3.12，改用 $python；有的依赖可能要用编译器来装。"
    else
        echo "没有找到能用的 Python 3.11 或 3.12（要带 venv；Debian 上装 python3-venv）。" >&2
        exit 2
    fi
    echo "用 $python 建 .venv…"
    "$python" -m venv --clear .venv
}

if [ -e "$unfinished" ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    make_venv
fi
wanted=$(cksum "$requirements" pyproject.toml)
if [ "$(cat "$installed" 2>/dev/null || true)" = "$wanted" ] && [ -x .venv/bin/zpt ]; then
    exit 0
fi
echo "安装 $requirements 里的依赖（第一次要等几分钟）…"
: >"$unfinished"
.venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check \
    --require-hashes -r "$requirements"
.venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check \
    --no-deps --no-build-isolation -e .
printf '%s\n' "$wanted" >"$installed"
rm -f "$unfinished"

#!/bin/sh
# What the tests need beside Python: a real broker, a real browser, a font with Chinese in it, a voice. With the word `proof`, what
# make proof needs besides: a C++ compiler for what the devices' firmware thinks, openssl, nginx, systemd's own checker.
# As root on Debian or Ubuntu they are installed; otherwise each missing one is named, with how to get it, and we fail.
set -u

missing=''
command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] || missing="$missing mosquitto"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v espeak-ng >/dev/null 2>&1 || missing="$missing espeak-ng"
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh-cn file 2>/dev/null)" ]; then
    missing="$missing fontconfig fonts-wqy-microhei"
fi
if [ "${1:-}" = proof ]; then
    command -v g++ >/dev/null 2>&1 || missing="$missing g++"
    command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
    command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
    command -v fiu-run >/dev/null 2>&1 || missing="$missing fiu-utils"
    command -v unshare >/dev/null 2>&1 || missing="$missing util-linux"
    command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
fi
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null
    # shellcheck disable=SC2086  # a list of names
    apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
        echo "apt-get could not install:$missing" >&2
        exit 1
    }
    exit 0
fi

for name in $missing; do
    echo "The tests need $name, which is missing. Debian, Ubuntu: sudo apt install $name" >&2
done
exit 1

#!/bin/sh
# Makes this computer a ticket machine:
#
#   sh kiosk/install.sh MACHINE FOLDER       e.g.  sh kiosk/install.sh A-K1 /root
#
# FOLDER holds what was brought from the server's /etc/onewindow/secret: ca.crt and logins/kiosk-MACHINE as kiosk-MACHINE.
# Run it again after a change of the plan or a new version, then start the computer again.
set -eu
[ $# -eq 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
cd "$(dirname "$0")/.."
machine=$1 from=$2 state=/var/lib/onewindow/kiosk-$1
[ -f "kiosk/browser-$machine" ] || { echo "the plan has no ticket machine $machine" >&2; exit 1; }
install -D -m 644 systemd/sysusers.conf /etc/sysusers.d/onewindow.conf
systemd-sysusers
install -d -o onewindow-kiosk -g onewindow-kiosk -m 700 "$state" "$state/broker"
install -o onewindow-kiosk -g onewindow-kiosk -m 600 "$from/kiosk-$machine" "$state/broker/logins"
install -o onewindow-kiosk -g onewindow-kiosk -m 644 "$from/ca.crt" "$state/broker/ca.crt"

install -D -m 755 "kiosk/browser-$machine" /etc/onewindow/browser
install -D -m 644 kiosk/weston.ini /etc/onewindow/weston.ini
install -D -m 644 "kiosk/policy-$machine.json" /etc/chromium/policies/managed/onewindow.json
install -D -m 644 kiosk/chromium-flags /etc/chromium.d/onewindow
install -D -m 644 kiosk/99-onewindow.rules /etc/udev/rules.d/99-onewindow.rules
install -D -m 644 kiosk/sysctl.conf /etc/sysctl.d/90-onewindow.conf
install -D -m 644 kiosk/logind.conf /etc/systemd/logind.conf.d/onewindow.conf
install -m 644 "systemd/onewindow-kiosk-$machine.service" "systemd/onewindow-browser-$machine.service" /etc/systemd/system/
install -D -m 644 install.md /opt/onewindow/share/doc/install.md
systemctl daemon-reload
systemctl disable getty@tty1
systemctl enable "onewindow-kiosk-$machine" "onewindow-browser-$machine"

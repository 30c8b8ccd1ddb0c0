#!/bin/sh
# Puts the broker's files, the rooms' users, log-ins and units where they belong on the server, and starts what is new:
#
#   sh server/install.sh HOST        e.g.  sh server/install.sh hall-server.lan
#
# HOST: the server's name in the hall. Run it again after each change of the plan and each new version: what has not
# changed stays, rooms that left the plan are taken away. Needs /etc/onewindow/plan.toml and what authority.sh made.
set -eu
[ $# -eq 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
cd "$(dirname "$0")/.."
secret=/etc/onewindow/secret state=/var/lib/onewindow units=/etc/systemd/system
sh broker/enrol.sh "$secret" "$1"

install -d -o root -g mosquitto -m 750 /etc/mosquitto/onewindow
install -o root -g mosquitto -m 640 broker/acl "$secret/passwords" "$secret/server.crt" "$secret/server.key" \
    /etc/mosquitto/onewindow/
install -m 644 broker/mosquitto.conf /etc/mosquitto/mosquitto.conf

install -D -m 644 systemd/sysusers.conf /etc/sysusers.d/onewindow.conf
systemd-sysusers
while read -r room user; do
    install -d -o "$user" -g "$user" -m 700 "$state/$room" "$state/$room/broker"
    install -o "$user" -g "$user" -m 600 "$secret/logins/$room" "$state/$room/broker/logins"
    install -o "$user" -g "$user" -m 644 "$secret/ca.crt" "$state/$room/broker/ca.crt"
    install -m 644 "systemd/onewindow-$room.service" "$units/"
    echo "onewindow-$room"
done <server/rooms >server/enabled.new
install -d -o onewindow -g onewindow -m 700 /var/backups/onewindow
install -D -m 755 server/backup.sh /etc/onewindow/backup.sh
install -m 644 systemd/onewindow.target systemd/onewindow-backup.service systemd/onewindow-backup.timer "$units/"
install -D -m 644 install.md /opt/onewindow/share/doc/install.md

for unit in "$units"/onewindow-*.service; do
    [ -f "systemd/${unit##*/}" ] || { systemctl disable --now "${unit##*/}"; rm -f "$unit"; }
done
systemctl daemon-reload
systemctl enable mosquitto onewindow.target onewindow-backup.timer $(cat server/enabled.new)
rm server/enabled.new
systemctl restart mosquitto onewindow.target onewindow-backup.timer

#!/bin/sh
# Makes a password for every principal of the plan, and what broker, rooms and devices need of them:
#
#   sh enrol.sh DIR HOST             e.g.  sh enrol.sh /etc/onewindow/secret hall-server.lan
#
# HOST: the name under which devices reach the broker (one of those given to authority.sh). DIR must hold ca.crt, and gets
#   passwords         for Mosquitto (hashed)
#   logins/ROOM       a room's own log-in: goes to ROOM's state directory as broker/logins
#   secrets.yaml      for ESPHome: beside the devices' files (WIFI_SSID and WIFI_PASSWORD are taken from the environment)
#   known             every password in the clear: root's alone
# Run it again after the plan has changed: who is known keeps the password, who has left the plan loses it. To renew one,
# take its line out of `known` first.
set -eu
umask 077
[ $# -eq 2 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
dir=$1
host=$2
[ -f "$dir/ca.crt" ] || { echo "$dir/ca.crt is not there: run authority.sh first" >&2; exit 1; }

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

touch "$dir/known"
: >"$dir/known.new"
rm -rf "$dir/logins.new"
mkdir -p "$dir/logins.new"
: >"$dir/devices.new"
while read -r room name; do
    password=$(sed -n "s/^$name://p" "$dir/known")
    [ -n "$password" ] || password=$(random)
    echo "$name:$password" >>"$dir/known.new"
    case $room in
        esp-*) echo "$name: \"$password\"" >>"$dir/devices.new" ;;
        *) echo "$name:$password" >>"$dir/logins.new/$room" ;;
    esac
done <"$here/principals"

cp "$dir/known.new" "$dir/passwords.new"
mosquitto_passwd -U "$dir/passwords.new"

old() { [ ! -f "$dir/secrets.yaml" ] || sed -n "s/^$1: \"\(.*\)\"\$/\1/p" "$dir/secrets.yaml"; }
ota=$(old ota_password)
ssid=$(old wifi_ssid)
wifi=$(old wifi_password)
{
    echo "wifi_ssid: \"${WIFI_SSID:-${ssid:-name-of-the-wifi}}\""
    echo "wifi_password: \"${WIFI_PASSWORD:-${wifi:-password-of-the-wifi}}\""
    echo "ota_password: \"${ota:-$(random)}\""
    echo "time_server: \"$host\""
    echo "broker_host: \"$host\""
    echo 'broker_ca: |'
    sed 's/^/  /' "$dir/ca.crt"
    cat "$dir/devices.new"
} >"$dir/secrets.yaml.new"

rm -rf "$dir/logins" "$dir/devices.new"
for made in known passwords secrets.yaml logins; do
    mv "$dir/$made.new" "$dir/$made"
done
echo "$(wc -l <"$dir/known") log-ins in $dir"

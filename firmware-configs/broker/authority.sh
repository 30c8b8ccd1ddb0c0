#!/bin/sh
# Makes the hall's own certificate authority and the broker's certificate. Run it once, on a machine you trust:
#
#   sh authority.sh DIR HOST...      e.g.  sh authority.sh /etc/onewindow/secret hall-server.lan 10.20.0.5
#
# HOST: every name and address under which rooms and devices reach the broker. DIR gets ca.crt (copied to every machine
# and device), ca.key (keep it off line; it is needed again only for a new certificate), server.crt and server.key (the
# broker's). An authority that is there already is kept, so a new certificate can be made under the old one.
set -eu
umask 077
[ $# -ge 2 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
dir=$1
shift
names=''
for host; do
    case $host in
        *[!0-9.]*) names="$names,DNS:$host" ;;
        *) names="$names,IP:$host" ;;
    esac
done
mkdir -p "$dir"
cd "$dir"
if [ ! -f ca.key ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 7300 \
        -subj '/CN=Onewindow authority' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
        -keyout ca.key -out ca.crt 2>/dev/null
fi
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
    -keyout server.key -out server.csr 2>/dev/null
printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "${names#,}" >server.ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 1825 -extfile server.ext \
    -out server.crt 2>/dev/null
rm -f server.csr server.ext
chmod 644 ca.crt server.crt
echo "made in $dir: ca.crt, and server.crt for ${names#,}"

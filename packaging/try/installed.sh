# Everything is in its place, nothing runs before there is a cabinet or a school.
install_from packages
expect "every file is as it was packed" sh -c '! dpkg --verify bellkeep bellkeep-bank | grep .'
expect "the programs say their version" sh -c 'bellkeep-bank --version && bellkeep --version && bellkeep-bank --help && bellkeep help'
expect "the units are sound" sh -c 'cd /usr/lib/systemd/system && systemd-analyze verify ./bellkeep.service ./bellkeep-bank.service ./bellkeep-kiosk.service '
expect "the bank is shut in" systemd-analyze security --offline=yes --threshold=25 /usr/lib/systemd/system/bellkeep-bank.service
expect "the server is shut in" systemd-analyze security --offline=yes --threshold=25 /usr/lib/systemd/system/bellkeep.service
expect "they start with the machine" systemctl is-enabled bellkeep.service bellkeep-bank.service bellkeep-kiosk.service
expect "the bank may use ports, pins and scanners" sh -c 'for g in dialout input gpio i2c; do id -nG bellkeep-bank | grep -qw $g || exit 1; done'
expect "whoever maps the doors may keep the map" runuser -u bellkeep-bank -- sh -c 'touch /etc/bellkeep/bank/a.map && rm /etc/bellkeep/bank/a.map && ! touch /etc/bellkeep/x'
expect "nobody can sign in as them" sh -c 'getent passwd bellkeep-bank bellkeep-kiosk bellkeep | grep -c nologin | grep -qx 3'
expect "Ctrl-Alt-Del does nothing" sh -c 'systemctl is-enabled ctrl-alt-del.target | grep -qx masked'
expect "chrony takes both files" sh -c 'chronyd -p -f /etc/chrony/chrony.conf | grep -q "allow 10.0.0.0/8"'
expect "without a cabinet nothing runs" sh -c '! systemctl is-active bellkeep-bank.service bellkeep-kiosk.service bellkeep.service | grep -qx active'

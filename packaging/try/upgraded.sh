# An upgrade keeps what was changed and what was recorded.
inside sed -i 's|:8081|:8082|' /etc/bellkeep/kiosk.env
inside sed -i 's|bellkeep.school.example|bellkeep.elmfield.example|' /etc/bellkeep/server.yaml
old=$(inside systemctl show -P MainPID bellkeep-bank.service)
install_from next
expect "the new version is there" sh -c 'dpkg-query -W bellkeep bellkeep-bank | grep -c next | grep -qx 2'
expect "changed files are kept" sh -c 'grep -q :8082 /etc/bellkeep/kiosk.env && grep -q elmfield.example /etc/bellkeep/server.yaml'
soon "the bank works with it" sh -c "systemctl is-active bellkeep-bank.service && test \$(systemctl show -P MainPID bellkeep-bank.service) != $old"
expect "it stops when it is told to" systemctl stop bellkeep-bank.service
expect "its record is whole" runuser -u bellkeep-bank -- bellkeep ledger verify --data /var/lib/bellkeep-bank/ledger
expect "and has all 57" sh -c 'runuser -u bellkeep-bank -- bellkeep ledger show /var/lib/bellkeep-bank/ledger/a.1.ledger --kind deposited | tee /dev/stderr | grep -c deposited | grep -qx 57'

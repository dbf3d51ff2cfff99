# Nothing recorded goes unless somebody asks for it in so many words.
expect "it can be removed" dpkg --remove bellkeep bellkeep-bank
expect "nothing of it runs" sh -c '! grep -xh -e bellkeep-bank /proc/[0-9]*/comm && test ! -e /usr/bin/bellkeep-bank -a ! -e /usr/lib/systemd/system/bellkeep-bank.service'
expect "files and record are kept" test -e /etc/bellkeep/kiosk.env -a -e /etc/bellkeep/bank/bank.yaml -a -e /var/lib/bellkeep-bank/ledger/a.1.ledger
expect "it can be purged" dpkg --purge bellkeep bellkeep-bank
expect "its own files are gone" test ! -e /etc/bellkeep/kiosk.env -a ! -e /etc/bellkeep/server.yaml
expect "the record is kept" test -e /var/lib/bellkeep-bank/ledger/a.1.ledger -a -d /var/lib/bellkeep
install_from packages
expect "whoever asks for it has it destroyed" env BELLKEEP_PURGE_DATA=yes dpkg --purge bellkeep bellkeep-bank
expect "then it is gone" test ! -e /var/lib/bellkeep-bank -a ! -e /var/lib/bellkeep

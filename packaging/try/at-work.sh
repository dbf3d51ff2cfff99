# The packaged firmware works a pretend cabinet by its own unit. Only the
# pretend cabinet's ports, pseudo-terminals, are added to what the unit allows.
mkdir -p "$root/srv/school" "$root/etc/systemd/system/bellkeep-bank.service.d" "$root/etc/bellkeep/school"
cp "$here"/../testdata/schools/mill-lane/* "$root/srv/school/"
cp "$here"/../testdata/schools/elmfield/*.yaml "$root/etc/bellkeep/school/"
printf '[Service]\nDeviceAllow=char-pts rw\n' >"$root/etc/systemd/system/bellkeep-bank.service.d/pretend.conf"

inside install -d -o bellkeep-bank -g bellkeep-bank -m 0700 /srv/cabinet /var/lib/bellkeep-bank
expect "the bank is told what it may know" runuser -u bellkeep-bank -- bellkeep bank export --school /srv/school --out /var/lib/bellkeep-bank
inside runuser -u bellkeep-bank -- bellkeep world --truth /srv/cabinet/truth.jsonl --dir /srv/cabinet --badges /srv/school/sheet.csv \
  --wiring left:2,right:2:open:high-first --kiosk front=http://127.0.0.1:8081 --hand-in --gap 100ms >"$work/world" 2>&1 &
soon "a pretend cabinet is there" test -e /srv/cabinet/scanner-front
inside sed 's|port: \([a-z]\)|port: /srv/cabinet/\1|' /srv/school/bank-a.yaml >"$root/etc/bellkeep/bank.yaml"
expect "check finds no fault" runuser -u bellkeep-bank -- bellkeep-bank check --config /etc/bellkeep/bank.yaml

inside systemctl daemon-reload
expect "the bank starts and says that it is ready" systemctl start bellkeep-bank.service
expect "nobody else may read its record" sh -c 'stat -c %a,%U /var/lib/bellkeep-bank | grep -qx 700,bellkeep-bank'
deposited='runuser -u bellkeep-bank -- bellkeep ledger show /var/lib/bellkeep-bank/ledger/a.1.ledger --kind deposited'
soon "57 phones go in" sh -c "test \$($deposited | grep -c deposited) -ge 57"
expect "the log names nobody" sh -c '! journalctl -q --no-pager -u bellkeep-bank | grep -E "BK1|person"'
expect "the school's server starts" systemctl start bellkeep.service
soon "and shows its pages" sh -c 'exec 3<>/dev/tcp/127.0.0.1/8080' || true

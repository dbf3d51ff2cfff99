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
inside sed 's|port: \([a-z]\)|port: /srv/cabinet/\1|' /srv/school/bank-a.yaml >"$root/etc/bellkeep/bank/bank.yaml"
expect "check finds no fault" runuser -u bellkeep-bank -- bellkeep-bank check --config /etc/bellkeep/bank/bank.yaml

inside systemctl daemon-reload
expect "the bank starts and says that it is ready" systemctl start bellkeep-bank.service
expect "nobody else may read its record" sh -c 'stat -c %a,%U /var/lib/bellkeep-bank | grep -qx 700,bellkeep-bank'
soon "57 phones go in" sh -c 'test $(grep -c "\"what\":\"shut\"" /srv/cabinet/truth.jsonl) -ge 57'
inside sh -c 'cut -d, -f2 /srv/school/roll.csv | tail -n +2 | tr " " "\n" >/srv/names; cut -d, -f2 /srv/school/sheet.csv | tail -n +2 >>/srv/names'
expect "the log names nobody" sh -c 'test $(wc -l </srv/names) -ge 180 && ! journalctl -q --no-pager -o cat -u bellkeep-bank | grep -wFf /srv/names'
# There is no screen here: what is tried is who shows what, not how it looks.
mkdir "$root/etc/systemd/system/bellkeep-kiosk.service.d"
cat >"$root/etc/systemd/system/bellkeep-kiosk.service.d/pretend.conf" <<'UNIT'
[Unit]
ConditionPathExists=
[Service]
TTYPath=
TTYReset=no
TTYVHangup=no
TTYVTDisallocate=no
StandardInput=null
UtmpIdentifier=
UNIT
inside systemctl daemon-reload
expect "the kiosk's page is brought up" systemctl start bellkeep-kiosk.service
soon "by a user of its own, at the bank's address" grep -q '^bellkeep-kiosk -- /usr/bin/chromium --kiosk .* http://127.0.0.1:8081/$' /run/bellkeep-kiosk/shown

expect "the school's server starts and says that it is ready" systemctl start bellkeep.service
soon "and shows its pages" bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080 && printf "GET / HTTP/1.0\r\n\r\n" >&3 && head -1 <&3 | grep -q HTTP'

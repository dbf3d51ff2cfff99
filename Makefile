# make test   everything that must hold before a change is taken
# make proof  the long runs behind the figures in PROOF.md
# make help   the rest

SHELL = /bin/bash -o pipefail

.PHONY: test tools lint unit banks walks others checks proof mutants fuzz properties assets build deb hw-test appliance help

test: tools lint checks

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

# What tests need beyond Go. With root missing packages are installed, else
# they are named.
NEED = gcc:gcc chromium-headless-shell:chromium-headless-shell strace:strace \
  openssl:openssl pdftoppm:poppler-utils mosquitto:mosquitto mosquitto_pub:mosquitto-clients
tools:
	@missing=; for need in $(NEED); do \
	  PATH=$$PATH:/usr/sbin command -v $${need%%:*} >/dev/null || missing="$$missing $${need##*:}"; done; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	elif [ -n "$$missing" ]; then \
	  echo "Tests need these packages:$$missing"; \
	  echo "Next step: sudo apt-get install$$missing"; exit 1; \
	fi

lint:
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then \
	  echo "Not formatted (run gofmt -w):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go vet -tags bench ./cmd/bellkeep-bank/bench
	go tool staticcheck ./...

# make unit   all tests, with the race detector; none is ever left out
#
# Banks, pretended boards and pupils as processes of their own keep time by the
# wall's clock, and hardly need the processor: they go before all else.
#
# Walks over every route as every role are one request after the other, walks in a
# browser wait for it, and benches start processes of their own: all take many times as
# long under the race detector, which has the packages' own tests and the days of
# primary schools to look at. They run without it; so does the day of which every line
# must be right, in which pupils keep their own pace however slow the machine is.
WALKS = ^(TestWalk.*|TestDemoPlaysADay|TestVisitorsDoorsAreShut|TestBenchesRun.*|TestMatrix|Test.*IsInvisibleToItsSubject|TestBadFormsAndBodies|TestGovernorsReachNoPupil|TestNobodyIsLedAway|TestNoTextBecomesMarkup|TestNoPathClimbs|TestHeadersOfEveryAnswer)$$
unit:
	@$(MAKE) --no-print-directory -j3 others banks walks

banks:
	go test -race -parallel 4 -timeout 14m ./cmd/bellkeep-bank
walks:
	go test -timeout 14m -run '$(WALKS)' ./cmd/bellkeep
others:
	@list=$$(go list ./... | grep -v '/cmd/bellkeep-bank$$') || exit 1; \
	echo "nice go test -race ./..."; nice -n 10 go test -race -p 3 -parallel 4 -timeout 20m -skip '$(WALKS)' $$list

# Mutants need the processor and no clock: they go beside what is left of the others.
checks:
	@$(MAKE) --no-print-directory others & others=$$!; \
	$(MAKE) --no-print-directory -j2 banks walks && nice -n 10 $(MAKE) --no-print-directory mutants; rest=$$?; \
	wait $$others && exit $$rest

# make build   the programs, stripped, for this machine
build:
	CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o . ./cmd/bellkeep ./cmd/bellkeep-bank ./cmd/bellkeep-agent

# make deb   Debian packages for three kinds of machine into dist/, tried on a clean Debian; needs root
deb:
	packaging/build.sh

# make hw-test   the bank's program on a small Linux under QEMU, with pretended pins
hw-test:
	CGO_ENABLED=0 go test -tags bench -count=1 -v -exec $(CURDIR)/cmd/bellkeep-bank/bench/boot.sh ./cmd/bellkeep-bank/bench

# make appliance   an arm64 image of gokrazy with the bank's program, tried under QEMU;
# make appliance BANK=bank-a.yaml   with this bank's file in it
appliance:
	appliance/check.sh
	appliance/build.sh bellkeep-appliance-arm64.img $(BANK)

# make mutants   break each promise once and see its test and the simulator fail
mutants:
	testdata/mutants/run.sh

# make fuzz   fuzz every parser for a minute, two at a time (FUZZTIME=10s for less)
FUZZTIME = 60s
fuzz:
	@grep -r --include='*_test.go' -o '^func Fuzz[A-Za-z0-9]*' . | sed 's|/[^/]*:func | |' | sort \
	| xargs -P 2 -L 1 sh -c 'out=$$(go test -run "^$$" -fuzz "^$$1\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5s -parallel 1 "$$0" 2>&1) \
	  && echo "$$0 $$1: $$(echo "$$out" | grep -o "execs: [0-9]*" | tail -1)" || { echo "$$out"; echo "FOUND by $$0 $$1"; exit 255; }'

# make properties   what must be impossible, in random histories; says how many steps each had
HISTORIES = firmware-bridge:TestHistories:1000 locker/desk:TestCustodyIsAsTheModel:4000 locker/desk/concern:TestHistories:12000 \
  locker:TestHoldsOutliveEveryEmergency:6000 locker/desk/exam:TestNoCollectionInOnesOwnPaper:4000 \
  locker/desk/tray:TestTicksInAnyOrder:6000 internal/figures:TestNoSmallNumberIsWorkedOut:100000
properties:
	@for h in $(HISTORIES); do IFS=: read -r package test checks <<< "$$h"; \
	  go test -timeout 30m -v -run "^$$test\$$" ./$$package -rapid.checks=$$checks 2>&1 | grep -E '^(---|ok|FAIL)| steps$$|rapid' || exit 1; done

# make assets   rebuild the vendored web assets (needs Node; not part of a build)
assets:
	web/ui/build.sh

# The long runs: three played days, 200 simulated weeks, the benches, the mutants,
# a bank killed 200 times beside its server, a million exchanges of every lock driver
# with boards on a noisy line.
proof: mutants properties
	for seed in 1 2 3; do go run ./cmd/bellkeep demo --once --seed $$seed --listen 127.0.0.1:0 || exit 1; done
	go run ./cmd/bellkeep sim --seed 1..200 --days 5
	go run ./cmd/bellkeep bench scan
	go run ./cmd/bellkeep bench log
	go test -timeout 30m -run TestKilledInARush -v ./cmd/bellkeep-bank -kills 200
	for driver in kerong kerongcu48 xor8a modbusrelay; do \
	  go test -timeout 30m -run TestOnANoisyBus -v ./hardware/$$driver -exchanges 1000000 || exit 1; done

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/server"
)

func TestDeviceList(t *testing.T) {
	data := schoolData(t)
	runServer(t, data)
	mustRun(t, "device", "add", "ipad-7", "--label", "iPad 7", "--group", "year-7", "--platform", "ipad", "--data", data)
	out := mustRun(t, "device", "list", "--data", data)
	if !strings.Contains(out, "ipad-7  iPad 7  year-7  ipad") {
		t.Errorf("the list is\n%s", out)
	}
	if out := mustRun(t, "device", "list", "--json", "--data", data); !strings.Contains(out, `"id":"ipad-7"`) {
		t.Errorf("as JSON: %s", out)
	}
	if code, _, stderr := bellkeep(t, "device", "list"); code != 2 || stderr == "" {
		t.Errorf("without a folder: exit code %d, %s", code, stderr)
	}
}

func TestHowABankStands(t *testing.T) {
	since := time.Date(2026, 11, 23, 8, 0, 0, 0, time.Local)
	for want, b := range map[string]server.BankLine{
		"never heard of":                    {},
		"online  since 2026-11-23 08:00:00": {Online: true, Since: since},
		"offline since 2026-11-23 08:00:00": {Since: since},
	} {
		if got := standing(b); got != want {
			t.Errorf("%+v is %q, want %q", b, got, want)
		}
	}
}

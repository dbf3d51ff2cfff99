package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// The part of the server's file about a broker that is a program of its own: what is
// good is taken, and what is not is refused before the server starts, each fault by
// its line, with what to do.
func TestTheBrokersPartOfTheServersFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a-file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "server.yaml")
	read := func(part string) (serveOptions, error) {
		t.Helper()
		text := fmt.Sprintf("school: %s\ndata: %s\nnames: [bellkeep.test]\npages: 127.0.0.1:0\nmqtt: 127.0.0.1:8883\njoin: 127.0.0.1:0\nbroker:\n", millLane(t), t.TempDir())
		if err := os.WriteFile(path, []byte(text+part), 0o600); err != nil {
			t.Fatal(err)
		}
		return readServeFile(path)
	}
	const good = "  connect: bellkeep.test:8883\n  reload: [sh, -c, kill -HUP 1]\n"
	o, err := read("  folder: " + dir + "\n" + good)
	if err != nil {
		t.Fatal(err)
	}
	if e := o.External; e == nil || e.Dir != dir || e.Connect != "bellkeep.test:8883" || !slices.Equal(e.Reload, []string{"sh", "-c", "kill -HUP 1"}) {
		t.Errorf("it is read as %+v", o.External)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".bellkeep-*")); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
	folder := "  folder: " + dir + "\n"
	for name, c := range map[string]struct{ part, fault string }{
		"no folder":               {good, `broker: folder: "" is not a whole path like`},
		"a part of a path":        {"  folder: bellkeep\n" + good, `:8: broker: folder: "bellkeep" is not a whole path like`},
		"a folder that is not":    {"  folder: " + dir + "/none\n" + good, `:8: broker: folder: there is no folder .*/none; make it`},
		"a file":                  {"  folder: " + dir + "/a-file\n" + good, `:8: broker: folder: there is no folder .*; make it`},
		"nobody may write there":  {"  folder: /proc\n" + good, `:8: broker: folder: this server may not write into /proc; let it`},
		"no address":              {folder + "  reload: [sh]\n", `broker: connect: "" is not an address like`},
		"an address without port": {folder + "  connect: bellkeep.test\n  reload: [sh]\n", `:9: broker: connect: "bellkeep.test" is not an address like`},
		"any port":                {folder + "  connect: bellkeep.test:0\n  reload: [sh]\n", `:9: broker: connect: "bellkeep.test:0" is not an address like`},
		"no host":                 {folder + "  connect: :8883\n  reload: [sh]\n", `:9: broker: connect: ":8883" is not an address like`},
		"no command":              {folder + "  connect: bellkeep.test:8883\n", `broker: reload: is missing; .* say for example \[systemctl, reload, mosquitto\]`},
		"an unknown command":      {folder + "  connect: bellkeep.test:8883\n  reload: [no-such-program, now]\n", `:10: broker: reload: there is no program "no-such-program" on this computer; name one`},
		"a line for a command":    {folder + "  connect: bellkeep.test:8883\n  reload: kill -HUP 1\n", `:10: a list belongs here, like`},
		"an unknown key":          {folder + good + "  password: x\n", `:11: .*password`},
		"a list":                  {"  - folder: /x\n", `:8: another kind of value belongs here`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(c.part)
			lines := strings.Split(fmt.Sprint(err), "\n")
			last := lines[len(lines)-1] // behind what is missing where something else stands
			if errs.CodeOf(err) != errs.Invalid || errs.HintOf(err) == "" || len(lines) > 2 && !strings.Contains(last, "belong") {
				t.Fatalf("refused with %v, next %q", err, errs.HintOf(err))
			}
			if want := `^  server\.yaml.*` + c.fault; !regexp.MustCompile(want).MatchString(last) {
				t.Errorf("the fault is %q, want %s", last, want)
			}
		})
	}
}

package smtp

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/errs"
)

// serverFile is the part of a server's file that is meant here.
type serverFile struct {
	SMTP Config `yaml:"smtp"`
}

func read(t *testing.T, text string) (Config, []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server.yaml")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	var faults config.Faults
	var f serverFile
	if config.Load(path, &f, &faults) {
		f.SMTP.Validate(path, &faults)
	}
	var list []string
	for _, fault := range faults.List() {
		list = append(list, fault.String())
	}
	return f.SMTP, list
}

func TestGoodFile(t *testing.T) {
	_, c := newServer(t)
	text := "smtp:\n  host: " + c.Host.V + "\n  port: 2525\n  tls: implicit\n  user: " + c.User.V + "\n  password_file: " + c.PasswordFile.V +
		"\n  from: Elmfield Academy <office@school.example>\n  ca: " + c.CA.V + "\n"
	c, faults := read(t, text)
	m, err := New(c)
	must(t, err)
	if len(faults) != 0 || m.port != 2525 || m.password != "open sesame" || m.tls.RootCAs == nil || m.tls.InsecureSkipVerify {
		t.Errorf("%v, %+v", faults, m)
	}
}

// All faults come at once, each with its line.
func TestFaults(t *testing.T) {
	open := file(t, "open", []byte("secret"))
	must(t, os.Chmod(open.V, 0o644))
	for _, c := range []struct {
		text string
		want []string
	}{
		{"smtp:\n  host: a b\n  port: 70000\n  tls: none\n  user: x\n  from: nobody\n  ca: /nowhere/ca.pem\n", []string{
			`server.yaml:2: smtp host: "a b" is not the name of a server`,
			"server.yaml:3: smtp port: 70000 is no port",
			"server.yaml:4: smtp tls: say starttls or implicit; e-mail is never sent in the clear",
			"server.yaml:5: smtp user and password_file: give both, or neither",
			"server.yaml:6: smtp from: write it like office@school.example, or Elmfield Academy <office@school.example>",
			"server.yaml:7: smtp ca: open /nowhere/ca.pem: no such file or directory",
		}},
		{"smtp:\n  host: a.example\n  tls: starttls\n  from: a@b.example\n  user: x\n  password_file: " + open.V + "\n  ca: " + open.V + "\n", []string{
			"server.yaml:6: smtp password_file: every user of this machine can reach it; run: chmod o= " + open.V,
			"server.yaml:7: smtp ca: there is no certificate in it",
		}},
		{"smtp:\n  host: a.example\n  tls: starttls\n  from: a@b.example\n  user: x\n  password_file: " + file(t, "empty", []byte("\n")).V + "\n  password: x\n", []string{
			"server.yaml:6: smtp password_file: it must hold one line",
			"server.yaml:7: there is no key password; look for a typing error",
		}},
		{"smtp:\n  host: a.example\n  tls: implicit\n  from: '=?utf-8?q?a=0D=0ABcc=3A_b?= <a@b.example>'\n", []string{
			"server.yaml:4: smtp from: write it like office@school.example, or Elmfield Academy <office@school.example>",
		}},
		{"smtp: {}\n", []string{
			`server.yaml: smtp host: "" is not the name of a server`,
			"server.yaml: smtp tls: say starttls or implicit; e-mail is never sent in the clear",
			"server.yaml: smtp from: write it like office@school.example, or Elmfield Academy <office@school.example>",
		}},
	} {
		if _, got := read(t, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s\ngives\n%s", c.text, strings.Join(got, "\n"))
		}
	}
	if _, err := New(Config{}); errs.CodeOf(err) != errs.Invalid {
		t.Errorf("New takes it: %v", err)
	}
}

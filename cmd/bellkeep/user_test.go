package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// An account's life from the command line, with a server at work.
func TestUserCommands(t *testing.T) {
	data := t.TempDir()
	hireHead(t, data)
	runServer(t, data)
	ok := func(args ...string) string {
		t.Helper()
		code, stdout, stderr := bellkeep(t, append(args, "--data", data)...)
		if code != 0 {
			t.Fatalf("%q: %s", args, stderr)
		}
		return stdout
	}
	if text := ok("user", "add", "desk", "--role", "exams", "--name", "Dora Desk"); !regexp.MustCompile(`/link\?code=\w{20}\n`).MatchString(text) {
		t.Errorf("adding says %q", text)
	}
	ok("user", "add", "hedda", "--person", "m-17", "--role", "head")
	ok("user", "role", "desk", "--role", "teacher", "--forms", "7A,7B", "--until", "2199-07-20")
	id := regexp.MustCompile(`teacher +7A 7B .* (\w{12})\n`).FindStringSubmatch(ok("user", "list"))
	if id == nil {
		t.Fatalf("the list is %s", ok("user", "list"))
	}
	ok("user", "role", "desk", "--end", id[1])
	ok("user", "reset", "desk")
	ok("user", "add", "guest", "--role", "governor")
	ok("user", "person", "guest", "--person", "m-17", "--another")
	ok("user", "role", "guest", "--role", "office")
	ok("user", "end", "desk")
	if text := ok("user", "list"); !regexp.MustCompile(`desk +Dora Desk +no +exams`).MatchString(text) || !regexp.MustCompile(`hedda +Hedda Head +yes +head`).MatchString(text) {
		t.Errorf("the list is %s", text)
	}
	sheets := regexp.MustCompile(`Passphrase  ([A-Z2-7-]{32})\n`).FindAllStringSubmatch(ok("user", "seal"), -1)
	if len(sheets) != 2 || sheets[0][1] == sheets[1][1] {
		t.Errorf("%d sheets", len(sheets))
	}
	for _, args := range [][]string{
		{"user", "add", "hedda", "--role", "exams"}, {"user", "add", "Ann", "--role", "exams"}, {"user", "add", "ann", "--role", "office"},
		{"user", "add", "ann", "--role", "exams", "--person", "m-17"}, {"user", "add", "s-ann", "--role", "exams"}, {"user", "person", "hedda", "--person", "m-17"}, {"user", "add", "ann", "--role", "wizard"}, {"user", "add", "ann", "--person", "nobody"},
		{"user", "reset", "desk"}, {"user", "end", "nobody"}, {"user", "role", "hedda", "--end", "nothing"},
	} {
		if code, _, stderr := bellkeep(t, append(args, "--data", data)...); code != 1 || !strings.Contains(stderr, "Next step") {
			t.Errorf("%q: exit code %d, %s", args, code, stderr)
		}
	}
	for _, args := range [][]string{{"user"}, {"user", "wizard"}, {"user", "add"}, {"user", "role", "ann"}, {"user", "role", "ann", "--role", "it", "--from", "tomorrow"}} {
		if code, _, _ := bellkeep(t, append(args, "--data", data)...); code != 2 {
			t.Errorf("%q: exit code %d", args, code)
		}
	}
}

// What the server's file says of the web is checked before anything starts.
func TestTheWebInTheServersFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	base := "school: " + millLane(t) + "\ndata: " + dir + "\nnames: [bellkeep.example]\nmqtt: 127.0.0.1:0\njoin: 127.0.0.1:0\n"
	secret := write("secret", " s3cret\n")
	good := "pages: 0.0.0.0:8080\nbehind_proxy: [192.0.2.10]\noidc:\n" +
		"  - {name: Google, issuer: https://accounts.google.com, client_id: c, client_secret_file: " + secret + ", hosted_domain: school.example}\n"
	o, err := readServeFile(write("good.yaml", base+good))
	if err != nil || len(o.web.proxies) != 1 || o.web.providers[0].ClientSecret != "s3cret" || o.web.base(o.Names, nil) != "https://bellkeep.example" {
		t.Errorf("%+v, %v", o.web, err)
	}
	for name, text := range map[string]string{
		"open to all":  "pages: 0.0.0.0:8080\n",
		"no address":   "pages: 127.0.0.1:8080\nbehind_proxy: [nginx]\n",
		"no domain":    "pages: 127.0.0.1:8080\noidc: [{name: G, issuer: https://a.example, client_id: c, client_secret_file: " + secret + "}]\n",
		"no secret":    "pages: 127.0.0.1:8080\noidc: [{name: G, issuer: https://a.example, client_id: c, client_secret_file: /nowhere, tenant: t}]\n",
		"plain issuer": "pages: 127.0.0.1:8080\noidc: [{name: G, issuer: http://a.example, client_id: c, client_secret_file: " + secret + ", tenant: t}]\n",
	} {
		if _, err := readServeFile(write("bad.yaml", base+text)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

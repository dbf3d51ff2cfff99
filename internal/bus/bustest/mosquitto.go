package bustest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/bellkeep/bellkeep/internal/bus"
	"github.com/bellkeep/bellkeep/internal/nettest"
)

// Mosquitto is a Mosquitto that was configured by this product, as a child
// process on a loopback port.
type Mosquitto struct {
	ca      *CA
	dir     string
	setup   bus.Mosquitto
	revoked []string
	cmd     *exec.Cmd
	lines   chan string // what it logs; closed when it ended
	control *Member
}

// StartMosquitto starts one that ends with the test.
func StartMosquitto(t *testing.T) *Mosquitto {
	t.Helper()
	m := &Mosquitto{ca: NewCA(t), dir: t.TempDir()}
	files := m.ca.Write(t, m.dir, "broker")
	m.setup = bus.Mosquitto{
		Listen: nettest.Free(t), CA: files.CA, Certificate: files.Certificate, Key: files.Key,
		RevocationList: filepath.Join(m.dir, "crl.pem"), ACL: filepath.Join(m.dir, "acl"), Root: bus.DefaultRoot, Members: members(),
	}
	t.Cleanup(func() { m.stop(t) }) // also one that started and never came up
	m.start(t)
	return m
}

// Program finds a program, or fails with the package to install.
func Program(t testing.TB, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil {
		t.Fatalf("%s is missing. Next step: sudo apt-get install %s", name, from)
	}
	return path
}

func (m *Mosquitto) configure(t *testing.T) string {
	t.Helper()
	var conf, acl strings.Builder
	must(t, bus.WriteMosquitto(&conf, &acl, m.setup))
	if os.Getuid() == 0 { // otherwise it gives up root and cannot read the test's files
		conf.WriteString("user root\n")
	}
	path := filepath.Join(m.dir, "mosquitto.conf")
	must(t, os.WriteFile(path, []byte(conf.String()), 0o600))
	must(t, os.WriteFile(m.setup.ACL, []byte(acl.String()), 0o600))
	m.ca.Revoke(t, m.setup.RevocationList, len(m.revoked), m.revoked...)
	return path
}

func (m *Mosquitto) start(t *testing.T) {
	t.Helper()
	m.cmd = exec.Command(Program(t, "mosquitto", "mosquitto"), "-c", m.configure(t))
	out, err := m.cmd.StderrPipe()
	must(t, err)
	must(t, m.cmd.Start())
	m.lines = make(chan string, 4096)
	go func(lines chan<- string) {
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			select {
			case lines <- scan.Text():
			default: // nobody waits for that much
			}
		}
	}(m.lines)
	m.await(t, " running")
}

// await reads the log up to a line that contains text.
func (m *Mosquitto) await(t *testing.T, text string) {
	t.Helper()
	var seen []string
	late := deadline(t)
	for {
		select {
		case line, more := <-m.lines:
			if !more {
				t.Fatalf("mosquitto ended:\n%s", strings.Join(seen, "\n"))
			}
			if strings.Contains(line, text) {
				return
			}
			seen = append(seen, line)
		case <-late:
			t.Fatalf("mosquitto never logged %q:\n%s", text, strings.Join(seen, "\n"))
		}
	}
}

func (m *Mosquitto) stop(t *testing.T) {
	t.Helper()
	if m.cmd == nil || m.cmd.Process == nil {
		return
	}
	must(t, m.cmd.Process.Kill())
	for range m.lines { // until it closes its log
	}
	_ = m.cmd.Wait() // killed
}

// Address implements Broker.
func (m *Mosquitto) Address() string { return m.setup.Listen }

// Authority implements Broker.
func (m *Mosquitto) Authority() *CA { return m.ca }

// Control implements Broker with a client that has the server's identity.
func (m *Mosquitto) Control(t *testing.T) Conn {
	t.Helper()
	if m.control == nil {
		m.control = Connect(t, m, bus.ServerID)
	}
	return m.control
}

// Restart implements Broker.
func (m *Mosquitto) Restart(t *testing.T) {
	t.Helper()
	m.stop(t)
	m.start(t)
	if m.control != nil {
		Await(t, m.control.Up, "the server's next connection")
	}
}

// Revoke implements Broker by a new access list and a new revocation list.
func (m *Mosquitto) Revoke(t *testing.T, client string) {
	t.Helper()
	m.setup.Members = slices.DeleteFunc(m.setup.Members, func(a bus.Member) bool { return a.ID == client })
	m.revoked = append(m.revoked, client)
	m.configure(t)
	must(t, m.cmd.Process.Signal(syscall.SIGHUP))
	m.await(t, "Reloading config")
	Publish(t, m.Control(t), bus.ProbeTopic("any"), "", false) // answered once it has: a signal before that is lost
}

// Refuses implements Broker: it grants and acknowledges, and delivers nothing.
func (m *Mosquitto) Refuses() bool { return false }

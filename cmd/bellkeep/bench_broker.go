package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/internal/wait"
)

// The brokers a fleet can be measured on.
const (
	ownBroker       = "embedded" // inside the server
	mosquittoBroker = "mosquitto"
)

const brokerUp = 10 * time.Second // for Mosquitto to listen

// benchMosquitto is a Mosquitto on a loopback address that goes by the files a
// server wrote.
type benchMosquitto struct {
	dir, address, program string
	clients               int
	process               *exec.Cmd
}

// newMosquitto chooses an address. Nothing runs yet: the server writes its files.
func newMosquitto(dir string, clients int) (*benchMosquitto, error) {
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/mosquitto") // Debian's place, which not everybody looks at
	}
	if err != nil {
		return nil, errs.Wrap(err, errs.Unavailable, "There is no Mosquitto to measure.", "Install it: sudo apt-get install mosquitto")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &benchMosquitto{dir: filepath.Join(dir, "mosquitto"), address: l.Addr().String(), program: program, clients: clients}
	return m, errors.Join(l.Close(), os.Mkdir(m.dir, 0o700))
}

// external is how a server reaches it.
func (m *benchMosquitto) external() *server.External {
	return &server.External{Dir: m.dir, Connect: m.address, Reload: []string{"sh", "-c", "kill -HUP $(cat " + m.pidFile() + ")"}}
}

func (m *benchMosquitto) pidFile() string { return filepath.Join(m.dir, "pid") }

// start runs it, on a copy of its configuration that lets it stay who the bench
// is, until stop.
func (m *benchMosquitto) start(ctx context.Context) error {
	conf, err := os.ReadFile(filepath.Join(m.dir, "mosquitto.conf"))
	if err != nil {
		return err
	}
	if os.Getuid() == 0 { // otherwise it gives up root and cannot read the bench's files
		conf = append(conf, "user root\n"...)
	}
	own := filepath.Join(m.dir, "bench.conf")
	if err := os.WriteFile(own, conf, 0o600); err != nil {
		return err
	}
	m.process = exec.CommandContext(ctx, m.program, "-c", own)
	if err := m.process.Start(); err != nil {
		return err
	}
	files := uint64(m.clients + spareClients) // connections, which are files to the kernel
	if err := unix.Prlimit(m.pid(), unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: files, Max: files}, nil); err != nil {
		return errs.Wrap(err, errs.Unavailable, "Mosquitto may not have that many connections.", "Raise the limit of open files: ulimit -Hn")
	}
	if err := m.await(ctx); err != nil {
		return err
	}
	return os.WriteFile(m.pidFile(), fmt.Append(nil, m.pid()), 0o600) // a signal before it listens would end it
}

// await waits until it takes connections.
func (m *benchMosquitto) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, brokerUp)
	defer cancel()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", m.address)
		if err == nil {
			return conn.Close()
		}
		if wait.For(ctx, 10*time.Millisecond) != nil {
			return errs.Wrap(err, errs.Unavailable, "Mosquitto does not listen.", "Try it by hand: "+m.program+" -v -c "+m.dir+"/bench.conf")
		}
	}
}

func (m *benchMosquitto) pid() int { return m.process.Process.Pid }

// stop ends it as a power cut would.
func (m *benchMosquitto) stop() error {
	if m.process == nil || m.process.Process == nil {
		return nil
	}
	err := os.Remove(m.pidFile())
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	_ = m.process.Process.Kill() // it may have ended
	_ = m.process.Wait()         // killed
	return err
}

func (m *benchMosquitto) memory() (memory, error) { return memoryOf(strconv.Itoa(m.pid())) }

package bus_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/bus/bustest"
)

// programs runs mosquitto_pub and mosquitto_sub, which know nothing of this
// product, with the certificate of tab-1.
type programs struct {
	pub, sub string
	access   []string
}

func newPrograms(t *testing.T, b bustest.Broker) programs {
	t.Helper()
	host, port, err := net.SplitHostPort(b.Address())
	if err != nil {
		t.Fatal(err)
	}
	f := b.Authority().Write(t, t.TempDir(), "tab-1")
	return programs{
		pub:    bustest.Program(t, "mosquitto_pub", "mosquitto-clients"),
		sub:    bustest.Program(t, "mosquitto_sub", "mosquitto-clients"),
		access: []string{"-h", host, "-p", port, "--cafile", f.CA, "--cert", f.Certificate, "--key", f.Key, "-q", "1"},
	}
}

// run gives what the program said; fails reports whether it found fault.
func (p programs) run(t *testing.T, program string, args ...string) (said string, fails bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, append(p.access, args...)...).CombinedOutput()
	var exit *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out), err != nil
}

func TestProgramsReadOnlyTheirOwn(t *testing.T) {
	b := bustest.StartEmbedded(t)
	p := newPrograms(t, b)
	for _, topic := range []string{"bk/1/d/tab-1/desired", "bk/1/d/tab-1/reported", "bk/1/d/tab-2/desired", "bk/1/b/bank-a/directory", "bk/1/s/time"} {
		bustest.Publish(t, b.Conn(), topic, "content of "+topic, true)
	}
	for _, topic := range []string{"bk/1/d/tab-1/desired", "bk/1/s/time"} {
		if said, fails := p.run(t, p.sub, "-i", "tab-1", "-t", topic, "-C", "1"); fails || said != "content of "+topic+"\n" {
			t.Errorf("%s: %s", topic, said)
		}
	}
	for _, filter := range []string{"bk/1/d/tab-1/reported", "bk/1/d/tab-2/desired", "bk/1/d/+/desired", "bk/1/b/bank-a/directory", "#", "$SYS/#", "bk/1/s/+"} {
		if said, _ := p.run(t, p.sub, "-i", "tab-1", "-t", filter, "-C", "1"); strings.Contains(said, "content") || !strings.Contains(said, "denied") {
			t.Errorf("%s: %s", filter, said)
		}
	}
	if said, fails := p.run(t, p.sub, "-i", "tab-2", "-t", "bk/1/d/tab-2/desired", "-C", "1"); !fails {
		t.Errorf("under another's id: %s", said)
	}
}

func TestProgramsWriteOnlyTheirOwn(t *testing.T) {
	b := bustest.StartEmbedded(t)
	p := newPrograms(t, b)
	inbox := bustest.Subscribe(t, b.Conn(), "#")
	foreign := []string{"bk/1/d/tab-2/reported", "bk/1/d/tab-1/desired", "bk/1/b/bank-a/journal", "bk/1/s/time", "$SYS/x", "bk/1/d/tab-1/event/x"}
	for _, topic := range foreign {
		p.run(t, p.pub, "-i", "tab-1", "-t", topic, "-r", "-m", "forged") // may or may not notice
		said, fails := p.run(t, p.pub, "-i", "tab-1", "-t", "bk/1/d/tab-1/event", "-m", "x", "--will-topic", topic, "--will-payload", "forged")
		if !fails {
			t.Errorf("a will on %s: %s", topic, said)
		}
	}
	for _, topic := range []string{"bk/1/d/tab-1/reported", "bk/1/d/tab-1/presence", "bk/1/d/tab-1/ack", "bk/1/d/tab-1/event"} {
		if said, fails := p.run(t, p.pub, "-i", "tab-1", "-t", topic, "-m", "own"); fails {
			t.Errorf("%s: %s", topic, said)
		}
		inbox.Expect(t, bustest.Got{Topic: topic, Payload: "own"})
	}
}

func TestWillOfAProgramThatWasKilled(t *testing.T) {
	b := bustest.StartEmbedded(t)
	p := newPrograms(t, b)
	inbox := bustest.Subscribe(t, b.Conn(), "bk/1/#")
	bustest.Publish(t, b.Conn(), "bk/1/d/tab-1/desired", "ready", true)
	inbox.Next(t)

	var out bytes.Buffer
	connected := make(chan struct{}, 1)
	sub := exec.CommandContext(t.Context(), p.sub, append(p.access, "-i", "tab-1", "-t", "bk/1/d/tab-1/desired",
		"--will-topic", "bk/1/d/tab-1/presence", "--will-payload", "death", "--will-retain", "--will-qos", "1")...)
	sub.Stdout, sub.Stderr = signalled{connected}, &out
	if err := sub.Start(); err != nil {
		t.Fatal(err)
	}
	bustest.Await(t, connected, "its connection")
	if err := sub.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = sub.Wait() // killed
	inbox.Expect(t, bustest.Got{Topic: "bk/1/d/tab-1/presence", Payload: "death"})
	bustest.Subscribe(t, b.Conn(), "bk/1/d/tab-1/presence").Expect(t, bustest.Got{Topic: "bk/1/d/tab-1/presence", Payload: "death", Retained: true})
}

// signalled says that something was written.
type signalled struct{ c chan<- struct{} }

func (s signalled) Write(p []byte) (int, error) {
	select {
	case s.c <- struct{}{}:
	default:
	}
	return len(p), nil
}

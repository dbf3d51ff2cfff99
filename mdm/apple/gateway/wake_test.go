package gateway_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// A device that Apple was wrong about is woken again once it has come by itself.
func TestADeviceThatIsThereAfterAllIsWoken(t *testing.T) {
	r := newRig(t)
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	d := r.device(1)
	r.enrol("ipad-1", d)
	r.settled("ipad-1")
	r.apple.Gone(d.Token())
	r.set(morning.Add(time.Hour))
	r.until("it is told as not managed", func() bool { got, _ := r.report("ipad-1"); return r.allIn(got, mdm.Failure, mdm.Unsupported) })
	r.apple.Back(d.Token())
	if _, err := d.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.settled("ipad-1")
	taken := r.apple.Taken(d.Token())
	r.set(morning.Add(2 * time.Hour))
	r.until("it is woken at the next bell", func() bool { return r.apple.Taken(d.Token()) > taken })
	r.settled("ipad-1")
}

// What stands in the log says of no device by which token it is woken.
func TestTokensAreInNoLog(t *testing.T) {
	var log lockedBuffer
	r := newRig(t, func(c *gateway.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.PushURL = "https://127.0.0.1:1"
	})
	r.list("ipad-1")
	r.want("ipad-1", 1, day())
	d := r.device(1)
	r.enrol("ipad-1", d)
	var fault string
	r.until("it could not be woken", func() bool {
		h, err := r.gate.Health()
		must(t, err)
		fault = h.Fault
		return fault != ""
	})
	for what, text := range map[string]string{"the log": log.String(), "what people see": fault} {
		if strings.Contains(text, "746f6b656e") || strings.Contains(text, "/3/device") {
			t.Errorf("%s has a token: %s", what, text)
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

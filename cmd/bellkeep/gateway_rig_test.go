package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
)

// gatewayRig is a real server with one device of a platform on its list, and what the
// gateway to that goes by.
type gatewayRig struct {
	*testing.T
	b        *benchSchool
	s        *server.Server
	o        gatewayOptions
	platform string
	ctx      context.Context // ends with the test
	done     chan error
	works    int
}

// newGatewayRig opens one. part is the gateway's in its file, which is in dir; inside
// is that it works in the server's process.
func newGatewayRig(t *testing.T, platform, device, dir, part string, inside bool) *gatewayRig {
	t.Helper()
	b, err := newBenchSchool(t.TempDir())
	if err == nil {
		_, err = b.settle(t.Context(), 1, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, platform+".yaml")
	text := part + fmt.Sprintf("identity: %[1]s/identity\ndata: %[1]s/data\nzone: Europe/London\n", dir)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r := &gatewayRig{T: t, b: b, platform: platform, done: make(chan error, 2)}
	if r.o, err = readGatewayFile(path); err != nil {
		t.Fatal(err)
	}
	config := server.Config{Dir: b.dir, School: b.school, Names: []string{"127.0.0.1", "localhost"}, MQTT: "127.0.0.1:0", Join: "127.0.0.1:0", Now: b.now}
	if inside {
		config.Gateways = []string{platform}
	}
	if r.s, err = server.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r.ctx = ctx
	t.Cleanup(func() {
		stop()
		for range r.works {
			if err := <-r.done; err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	})
	r.work(func() error { return r.s.Run(ctx) })
	<-r.s.Ready()
	if err := r.s.Fleet.List(t.Context(), "s-it", mdm.Device{ID: device, Groups: []string{deviceGroup}, Platform: platform}); err != nil {
		t.Fatal(err)
	}
	return r
}

// work runs something until the test ends.
func (r *gatewayRig) work(run func() error) {
	r.works++
	go func() { r.done <- run() }()
}

// inside runs a gateway in the server's process.
func (r *gatewayRig) inside(g atWork, err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
	r.work(func() error { return g.run(r.ctx, r.s.GatewayConn(r.platform)) })
}

// apart lets a gateway join with the commands that people use, and runs it.
func (r *gatewayRig) apart(run func(context.Context, gatewayOptions, io.Writer) error) {
	r.Helper()
	var out bytes.Buffer
	until(r.T, "a joining code", func() bool {
		out.Reset()
		return gatewayCommand(r.Context(), []string{"add", r.platform, "--data", r.b.dir}, &out, nil) == nil
	})
	lines := strings.Fields(out.String())
	if err := gatewayCommand(r.Context(), []string{"join", "--code", lines[len(lines)-1], "--identity", r.o.identity}, &out, nil); err != nil {
		r.Fatal(err)
	}
	r.work(func() error { return run(r.ctx, r.o, &bytes.Buffer{}) })
}

// now is school time in the school's zone.
func (r *gatewayRig) now() time.Time { return r.b.now().Wall.In(r.b.school.Calendar.Zone) }

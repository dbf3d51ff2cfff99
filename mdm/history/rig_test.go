package history_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/history"
	"github.com/bellkeep/bellkeep/mdm/history/historytest"
)

var (
	monday   = historytest.Monday
	clock    = historytest.Clock
	off, any = historytest.Off, historytest.Any
)

// rig is a school, and what can be read of its history.
type rig struct{ *historytest.School }

func newRig(t testing.TB, devices ...string) *rig {
	t.Helper()
	return &rig{historytest.New(t, devices...)}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) read() *history.Day {
	r.T.Helper()
	d, err := r.Read(monday)
	must(r.T, err)
	return d
}

// tell is the camera of a device in the exam, a span a line.
func (r *rig) tell(device string) string {
	r.T.Helper()
	return spans(r.read().Of(device, mdm.Camera, clock("09:00:00"), clock("10:30:00")))
}

func spans(list []history.Span) (text string) {
	for _, s := range list {
		text += fmt.Sprintf("%s-%s %s %s", s.From.Format("15:04:05"), s.Until.Format("15:04:05"), s.Knowing, s.Value)
		text += "\n"
	}
	return text
}

func (r *rig) file() []byte {
	r.T.Helper()
	b, err := os.ReadFile(filepath.Join(r.Dir, monday.String()+".jsonl"))
	must(r.T, err)
	return b
}

func (r *rig) rewrite(b []byte) {
	r.T.Helper()
	must(r.T, os.WriteFile(filepath.Join(r.Dir, monday.String()+".jsonl"), b, 0o600))
}

// records are the bodies of a kind on the ledger.
func (r *rig) records(kind string) (list []string) {
	r.T.Helper()
	must(r.T, r.Log.Read(context.Background(), 0, func(rec ledger.Record) error {
		if rec.Kind == kind {
			var b bytes.Buffer
			must(r.T, json.Compact(&b, rec.Body))
			list = append(list, b.String())
		}
		return nil
	}))
	return list
}

// examOf plays the exam with one device that is offline for two minutes.
func examOf(t testing.TB) *rig {
	t.Helper()
	r := newRig(t, "ipad-7")
	r.Work()
	r.Link("ipad-7", true, mdm.Pending)
	r.Say("ipad-7", mdm.Applied, mdm.User)
	r.At("08:40:00")
	r.At("09:00:00")
	r.Want(history.Exam, off)
	r.At("09:00:04")
	r.Say("ipad-7", mdm.Applied, mdm.Block)
	r.At("09:41:00")
	r.Link("ipad-7", false, mdm.Offline)
	r.At("09:43:00")
	r.Link("ipad-7", true, mdm.Pending)
	r.At("09:43:01")
	r.Say("ipad-7", mdm.Applied, mdm.Block)
	r.At("10:30:00")
	r.Want(mdm.Break, any)
	r.At("10:30:02")
	r.Say("ipad-7", mdm.Applied, mdm.User)
	r.At("10:32:00")
	return r
}

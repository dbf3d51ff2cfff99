package mdm_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

var nine = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestCommandsThatMakeNoSenseAreNotAskedFor(t *testing.T) {
	good := mdm.NewCommand("ipad-7", "c-1", mdm.Message, mdm.Args{Text: "Bring it to the office."}, nine, nine.Add(time.Hour))
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func(*mdm.Command){
		"no device":            func(c *mdm.Command) { c.Dev = "" },
		"no id":                func(c *mdm.Command) { c.ID = "C 1" },
		"an unknown operation": func(c *mdm.Command) { c.Op = "sing" },
		"a silent message":     func(c *mdm.Command) { c.Args.Text = "" },
		"a text with a break":  func(c *mdm.Command) { c.Args.Text = "one\ntwo" },
		"a long text":          func(c *mdm.Command) { c.Args.Text = strings.Repeat("x", mdm.MaxText+1) },
		"a wipe with a text":   func(c *mdm.Command) { c.Op = mdm.Wipe },
		"over already":         func(c *mdm.Command) { c.Exp = c.TS },
		"far too long":         func(c *mdm.Command) { c.Exp = c.TS.Add(mdm.LongestCommand + time.Second) },
		"no end":               func(c *mdm.Command) { c.Exp = time.Time{} },
	} {
		c := good
		spoil(&c)
		if err := c.Validate(); errs.CodeOf(err) != errs.Invalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, op := range mdm.Ops {
		c := good
		if c.Op = op; op != mdm.Message && op != mdm.Lock {
			c.Args = mdm.Args{}
		}
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", op, err)
		}
	}
}

func TestCommandsAndAnswersTravel(t *testing.T) {
	c := mdm.NewCommand("ipad-7", "c-1", mdm.Lock, mdm.Args{Text: "Lost"}, nine, nine.Add(time.Hour))
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := mdm.DecodeCommand(b); err != nil || got != c {
		t.Errorf("%s became %+v, %v", b, got, err)
	}
	a := mdm.NewAck("c-1", mdm.Failed, "no\nway", nine)
	if b, err = json.Marshal(a); err != nil {
		t.Fatal(err)
	}
	if got, err := mdm.DecodeAck(b); err != nil || got != a || got.Detail != "no way" {
		t.Errorf("%s became %+v, %v", b, got, err)
	}
}

func FuzzDecodeCommand(f *testing.F) {
	f.Add([]byte(`{"v":1,"dev":"ipad-7","id":"c-1","op":"message","args":{"text":"x"},"ts":"2026-11-23T09:00:00Z","exp":"2026-11-23T10:00:00Z"}`))
	f.Add([]byte(`{"v":1,"dev":"ipad-7","id":"c-1","op":"sing","exp":"2026-11-23T10:00:00Z"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := mdm.DecodeCommand(b)
		if err == nil && (c.ID == "" || c.Exp.IsZero() || len(b) > mdm.MaxCommand) {
			t.Errorf("%q became %+v", b, c)
		}
	})
}

func FuzzDecodeAck(f *testing.F) {
	f.Add([]byte(`{"v":1,"id":"c-1","state":"done","ts":"2026-11-23T09:00:00Z","detail":"x"}`))
	f.Add([]byte(`{"v":1,"id":"c-1","state":"maybe"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := mdm.DecodeAck(b)
		if err == nil && (a.ID == "" || len(a.Detail) > mdm.MaxText || len(b) > mdm.MaxAck) {
			t.Errorf("%q became %+v", b, a)
		}
	})
}

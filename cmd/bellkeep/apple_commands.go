package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// What the terminal asks of a gateway to iPads that is a process of its own, and is
// answered. Where the gateway works in the school's server, pages do all of it.
type (
	padAsked struct {
		File    []byte   `json:"file,omitempty"`
		Account string   `json:"account,omitempty"`
		Devices []string `json:"devices,omitempty"`
	}
	padLink struct {
		Address string    `json:"address"`
		Until   time.Time `json:"until"`
	}
	padStatus struct {
		gateway.Status
		Serial string `json:"serial"`
	}
)

// commands answers them.
func (o *ipadOffice) commands() http.Handler {
	mux := http.NewServeMux()
	handle(mux, "check", func(ctx context.Context, _ padAsked) ([]enrol.Check, error) { return o.Preflight(ctx), nil })
	handle(mux, "push", func(context.Context, padAsked) (enrol.Push, error) { return o.Push() })
	handle(mux, "request", func(context.Context, padAsked) ([]byte, error) {
		if err := o.Request(); err != nil {
			return nil, err
		}
		return o.CSR()
	})
	handle(mux, "signed", func(_ context.Context, in padAsked) ([]byte, error) {
		if err := o.TakeSigned(in.File); err != nil {
			return nil, err
		}
		return o.Signed()
	})
	handle(mux, "certificate", func(ctx context.Context, in padAsked) (enrol.Push, error) {
		if err := o.TakePush(ctx, in.File, in.Account); err != nil {
			return enrol.Push{}, err
		}
		return o.Push()
	})
	handle(mux, "serials", func(_ context.Context, in padAsked) (int, error) { return o.expect(string(in.File)) })
	handle(mux, "invite", func(_ context.Context, in padAsked) (padLink, error) {
		id, err := in.one()
		if err != nil {
			return padLink{}, err
		}
		address, until, err := o.Link(id)
		return padLink{address, until}, err
	})
	handle(mux, "wait", func(_ context.Context, in padAsked) (padLink, error) {
		err := o.Await(in.Devices...)
		_, until := o.Awaited()
		return padLink{o.DeviceURL(), until}, err
	})
	handle(mux, "key", func(context.Context, padAsked) ([]byte, error) { return o.PublicKey() })
	handle(mux, "token", func(ctx context.Context, in padAsked) (enrol.ASM, error) {
		err := o.TakeToken(ctx, in.File)
		return o.ASM(), err
	})
	handle(mux, "owned", func(ctx context.Context, _ padAsked) ([]enrol.Owned, error) { return o.Owned(ctx) })
	handle(mux, "assign", func(ctx context.Context, in padAsked) (map[string]string, error) { return o.assign(ctx, in.Devices) })
	handle(mux, "show", func(_ context.Context, in padAsked) (padStatus, error) {
		id, err := in.one()
		if err != nil {
			return padStatus{}, err
		}
		s, ok, err := o.gate.Status(id)
		if err == nil && !ok {
			err = errUnlisted(id)
		}
		return padStatus{s, o.Serial(id)}, err
	})
	handle(mux, "health", func(context.Context, padAsked) (gateway.Health, error) { return o.gate.Health() })
	return mux
}

func handle[Out any](mux *http.ServeMux, word string, do func(context.Context, padAsked) (Out, error)) {
	mux.HandleFunc("POST /ipads/"+word, control.Answer(do))
}

// one is the one device asked about. Errors: invalid.
func (in padAsked) one() (string, error) {
	if len(in.Devices) != 1 {
		return "", errs.New(errs.Invalid, "Name one iPad.", "By its id on the school's device list.")
	}
	return in.Devices[0], nil
}

func errUnlisted(id string) error {
	return errs.New(errs.NotFound, fmt.Sprintf("The gateway knows no iPad %.40q.", id), "List it on the school's pages as a device with platform apple; the gateway is told within seconds.")
}

// expect notes the serial numbers of a list, of devices that the school has listed.
// Errors: invalid and conflict, at csv, not found.
func (o *ipadOffice) expect(text string) (n int, err error) {
	list, err := enrol.ReadSheet(text, nil)
	if err != nil {
		return 0, err
	}
	for _, e := range list {
		if _, ok, err := o.gate.Status(e.Device.ID); err != nil || !ok {
			return 0, errUnlisted(e.Device.ID)
		}
	}
	return len(list), o.Expect(list)
}

// assign has Apple School Manager send devices here, by their id. Errors: those of
// enrol.Office.Assign, not found.
func (o *ipadOffice) assign(ctx context.Context, devices []string) (refused map[string]string, err error) {
	var serials []string
	for _, id := range devices {
		serial := o.Serial(id)
		if serial == "" {
			return nil, errs.New(errs.NotFound, fmt.Sprintf("No serial number is on record for %.40q.", id), "Bring it: bellkeep ipads serials FILE")
		}
		serials = append(serials, serial)
	}
	return o.Assign(ctx, serials)
}

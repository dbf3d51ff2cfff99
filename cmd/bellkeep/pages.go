package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/bellkeep/bellkeep/internal/democlock"
	"github.com/bellkeep/bellkeep/internal/server"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/shadow"
	"github.com/bellkeep/bellkeep/web/school"
	"github.com/bellkeep/bellkeep/web/school/api"
	"github.com/bellkeep/bellkeep/web/school/board"
	"github.com/bellkeep/bellkeep/web/school/cases"
	"github.com/bellkeep/bellkeep/web/school/exceptions"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/bellkeep/bellkeep/web/school/office"
	"github.com/bellkeep/bellkeep/web/school/teacher"
	"github.com/bellkeep/bellkeep/web/ui"
)

// pages are the school's pages over a server.
type pages struct {
	listener net.Listener
	site     *school.Site
	address  string // as people reach them
}

// openPages claims the address. Outside a demonstration clock is nil.
func openPages(s *server.Server, o webOptions, clock *democlock.Clock) (_ *pages, err error) {
	l, err := ui.Listen(o.listen)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	s.PagesURL = o.base(s.Names, l)
	s.Site, s.Origins = o.passkeySite(s.Names, l)
	config := o.config(s, clock)
	config.SignIn, config.Behind = o.signIn(s, s.PagesURL, clock != nil), o.proxies
	config.Apart = func(person string) func() school.Config {
		if !s.Hides(person) {
			return nil
		}
		return func() school.Config { return o.config(s.Without(person), clock) }
	}
	site, err := school.New(config)
	if err != nil {
		return nil, err
	}
	return &pages{l, site, s.PagesURL}, nil
}

// config are the pages and the API over a server, without its sign-in.
func (o webOptions) config(s *server.Server, clock *democlock.Clock) school.Config {
	config := pagesOf(s)
	config.Phones, config.IPads = phonePages(s, o.phones), ipadPages(s, o.ipads)
	if o.orders != nil {
		config.Board.Orders, config.Cases.Orders, config.API.Orders, config.Takeover.Orders, config.Closure.Orders = o.orders, o.orders, o.orders, o.orders, o.orders
		config.Trays.Orders = o.orders
	}
	config.Access.Loose, config.Handover.Pretend = clock != nil, o.pretend
	if clock != nil {
		config.Demo = func() kit.Demo { return kit.Demo{Now: clock.Now(), Speed: clock.Speed()} }
	}
	return config
}

// pagesOf are the pages and the API over a server, without its sign-in.
func pagesOf(s *server.Server) school.Config {
	return school.Config{
		School: s.School.Name, Log: slog.Default(),
		Now:    func() time.Time { return s.Now().Wall.In(s.School.Calendar.Zone) },
		Access: accessPages(s), Commands: commandPages(s),
		Alarm: func() string {
			if alarm := closurePages(s).Alarm(s.School.Calendar.Zone); alarm != "" {
				return alarm
			}
			return brokenSeals(s.Users, s.School.Calendar.Zone)
		},
		Board: board.Config{
			Banks: s.Banks, Rules: s.Rules, Force: s.Banks, Orders: s.Banks, People: s.People, Desk: s.Desk, Items: s.Custody,
			Devices: deviceRows{s}, History: histories{s}, Badges: s.Badges, BadgeDesk: cardPrinter{s}, Cards: cardPrinter{s},
			Records: s.Log, GroupWords: groupWords(s), Machine: time.Now,
		},
		Cases: cases.Config{
			Custody: s.Custody, People: s.People, Banks: s.Banks, Orders: s.Banks, Notices: s.Notices, Slips: s.Notices,
			Scanned: scanned(s), Called: called(s), Spots: spotsOf(s), School: s.School.Name, Ban: s.Ban,
		},
		Office: office.Config{
			Calendar: s.School.Calendar, Banks: s.Banks, Force: s.Banks, People: s.People,
			Register: s.Attendance, Leaves: s.Attendance, Grants: s.Desk, Badges: s.Badges,
			Desk: deskCustody{s}, Hands: deskCustody{s}, Spots: deskSpots(s), Exempt: s.Exceptions, Trays: s.Trays, Machine: time.Now,
		},
		DeviceHistory: historyPages(s),
		Registers:     registerPages(s),
		Figures:       figurePages(s),
		Takeover:      takeoverPages(s),
		Handover:      handoverPages(s),
		Safeguarding:  safeguardingPages(s),
		Backups:       backupPages(s),
		Closure:       closurePages(s),

		Policy: policyPages(s),
		Fleet:  fleetPages(s), Agreements: agreementPages(s),
		Audit: auditPages(s),
		API: api.Config{
			Calendar: s.School.Calendar, Banks: s.Banks, Rules: s.Rules, Force: s.Banks, People: s.People, Desk: s.Desk,
			Badges: s.Badges, History: s.Banks, Register: s.Attendance, Exceptions: s.Exceptions, Policy: s.Policy.Now, Ledger: forReader{s.Log, s.Shown},
			Custody: s.Custody, Orders: s.Banks, Notices: s.Notices, Spots: spotIDs(s),
			Devices: deviceRows{s}, DeviceRules: s.DeviceRules, Machine: time.Now,
		},
		Programs:     s.Tokens,
		DeviceRules:  deviceRulePages(s),
		Teacher:      teacher.Config{Banks: s.Banks, People: s.People, Exempt: s.Exceptions, Today: dayMarks{s}, Trays: s.Trays, Tray: trayAddress(s), Confiscate: "/confiscate", Concern: "/concern", Ban: s.Ban},
		Trays:        trayPages(s),
		Help:         helpPages(s),
		Exams:        examPages(s),
		Visitors:     visitorPages(s),
		Declarations: declarationPages(s),
		Exceptions: exceptions.Config{
			Book: s.Exceptions, People: s.People, Force: s.Banks, Rules: s.Exceptions.Rules, Calendar: s.School.Calendar, Devices: boundDevices{s},
		},
	}
}

func (p *pages) run(ctx context.Context) error {
	return errors.Join(ui.Serve(ctx, p.listener, p.site, slog.Default()), p.close())
}

func (p *pages) url() string { return p.address }

// close gives up the address; it may be given up already.
func (p *pages) close() error {
	if err := p.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// histories shows school time by the school's own wall.
type histories struct{ *server.Server }

// History is what the banks' records say of a person lately.
func (h histories) History(person string) []board.Happening {
	var list []board.Happening
	for _, e := range h.Banks.History(person) {
		list = append(list, board.Happening{At: e.At.Wall.In(h.School.Calendar.Zone), Bank: e.Bank, Event: e.Event})
	}
	return list
}

// deviceRows turns the devices' shadow into what a page shows.
type deviceRows struct{ *server.Server }

// Wait waits for a board with more changes.
func (d deviceRows) Wait(ctx context.Context, size uint64) error {
	return d.Server.Devices.Wait(ctx, size)
}

// Board is the whole board.
func (d deviceRows) Board() shadow.Board { return d.DeviceBoard() }

// News counts what has changed.
func (d deviceRows) News() uint64 { return d.Server.Devices.Board().Size }

// Devices are all devices, gravest first.
func (d deviceRows) Devices() []board.DeviceRow {
	now := d.Board()
	rows := make([]board.DeviceRow, 0, len(now.Rows))
	for _, r := range now.Rows {
		row := board.DeviceRow{
			ID: r.Device.ID, Label: r.Device.Label, Groups: r.Device.Groups, Mode: string(r.Want.Mode),
			State: board.DeviceState(r.Verdict), Since: r.Since, Online: r.Link.Online, AsOf: later(r.Link.Since, r.Heard), Rev: r.Rev, Applied: r.Applied,
		}
		row.Settings = deviceSettings(r)
		if r.Refusal != nil && r.Verdict == mdm.Rejected {
			row.Refused = r.Refusal.Reason
		}
		rows = append(rows, row)
	}
	return rows
}

// deviceSettings are all settings wanted, with what the device says of each if
// what it says is about what is wanted now.
func deviceSettings(r shadow.Row) []board.DeviceSetting {
	var list []board.DeviceSetting
	for _, name := range slices.Sorted(maps.Keys(r.Want.Set)) {
		line := board.DeviceSetting{Name: name, Want: r.Want.Set[name]}
		if r.Said != nil && r.Said.Rev == r.Rev {
			said := r.Said.Set[name]
			line.State, line.Have, line.Detail = string(said.State), said.Value, said.Detail
		}
		list = append(list, line)
	}
	return list
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

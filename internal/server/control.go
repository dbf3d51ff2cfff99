package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/locker"
)

// Invitation asks for the joining code of a bank or device.
type Invitation struct {
	By      string    `json:"by"` // the account of who asks
	Kind    cert.Kind `json:"kind"`
	ID      string    `json:"id"`
	Replace bool      `json:"replace,omitempty"` // a new machine takes the place of one that joined

	// For a bank that is not listed yet.
	Label     string           `json:"label,omitempty"`
	First     int              `json:"first,omitempty"`
	Last      int              `json:"last,omitempty"`
	Allotment locker.Allotment `json:"allotment,omitempty"`

	Confiscation banks.Run `json:"confiscation,omitzero"`
	Evidence     banks.Run `json:"evidence,omitzero"`
	Trays        banks.Run `json:"trays,omitzero"`

	// For a device that is not listed yet; Label too.
	Group    string `json:"group,omitempty"` // one or more, with commas
	Platform string `json:"platform,omitempty"`
}

// Invited is the answer: the code in it is a secret for half an hour. A device
// that a gateway speaks for has none, but a page where it is set up.
type Invited struct {
	Code  string    `json:"code,omitempty"`
	Loss  string    `json:"loss,omitempty"` // what may be missing when a bank is replaced
	Page  string    `json:"page,omitempty"`
	Until time.Time `json:"until"`
}

// Acceptance says that records of a bank may be missing before an epoch.
type Acceptance struct {
	By    string `json:"by"`
	Bank  string `json:"bank"`
	Epoch uint64 `json:"epoch"`
}

// BankLine is a line of the list of banks.
type BankLine struct {
	ID        string    `json:"id"`
	Label     string    `json:"label,omitempty"`
	Doors     string    `json:"doors"`
	Online    bool      `json:"online"`
	Since     time.Time `json:"since,omitzero"` // of Online, by the machine's clock
	Copied    uint64    `json:"copied"`         // records of its current ledger that this server has
	Recorded  uint64    `json:"recorded"`       // that the bank last said it has
	Said      time.Time `json:"said,omitzero"`  // when, by the bank's clock
	Directory uint64    `json:"directory"`      // in force there
	Given     uint64    `json:"given"`          // directory given out last
	Refused   string    `json:"refused,omitempty"`
}

func (s *Server) bankLines() []BankLine {
	var list []BankLine
	for _, b := range s.Banks.Banks() {
		line := BankLine{
			ID: b.Setup.Bank, Label: b.Label, Doors: doorsOf(b.Setup),
			Online: b.Online, Since: b.Since, Recorded: b.State.Size, Said: b.State.At,
			Directory: b.Board.Directory.Version, Given: s.Rules.Current().Directory.Version, Refused: b.Refused,
		}
		if c, ok := s.Banks.Copy(line.ID); ok {
			line.Copied = c.Size()
		}
		list = append(list, line)
	}
	return list
}

// doorsOf names the doors of a bank, class by class.
func doorsOf(s locker.Setup) string {
	var runs []string
	for _, doors := range [][]int{s.Doors, s.Confiscation, s.Evidence, s.Trays} {
		if run := banks.RunOf(doors); run != (banks.Run{}) {
			runs = append(runs, fmt.Sprintf("%d-%d", run.First, run.Last))
		}
	}
	return strings.Join(runs, ", ")
}

// loss says what may be missing when another machine takes a bank's place.
func (s *Server) loss(in Invitation) string {
	loss, err := s.Banks.Loss(in.ID)
	if in.Kind != cert.Bank || !in.Replace || err != nil {
		return ""
	}
	text := fmt.Sprintf("%d devices are behind its doors, by the %d records of its ledger that this server has.", loss.Held, loss.Copied)
	if n := loss.Recorded - loss.Copied; n > 0 {
		text += fmt.Sprintf(" At least %d more are only on the dead machine's card: keep it.", n)
	}
	return text
}

// Invite lists a bank or device if need be and makes its joining code.
func (s *Server) Invite(ctx context.Context, in Invitation) (joining.Code, time.Time, error) {
	if !school.ValidID(in.By) {
		return joining.Code{}, time.Time{}, errs.New(errs.Invalid, "Whoever invites is named by their account: small letters, digits and hyphens.", "For example: it")
	}
	list := map[cert.Kind]func(context.Context, Invitation) error{cert.Bank: s.listBank, cert.Device: s.listDevice}[in.Kind]
	if list != nil { // gateways are on no list
		if err := list(ctx, in); err != nil {
			return joining.Code{}, time.Time{}, err
		}
	}
	code, until, err := s.Registrar.Invite(ctx, in.By, cert.Subject{Kind: in.Kind, ID: in.ID}, in.Replace)
	if err == nil {
		err = s.awaitAdmission(ctx, in)
	}
	if err != nil {
		return joining.Code{}, time.Time{}, err
	}
	return code, until, nil
}

func (s *Server) listBank(ctx context.Context, in Invitation) error {
	pupils := banks.Run{First: in.First, Last: in.Last}
	runs := []banks.Run{pupils, in.Confiscation, in.Evidence, in.Trays}
	none := !slices.ContainsFunc(runs, func(r banks.Run) bool { return r != banks.Run{} })
	if _, listed := s.List.Get(in.ID); listed && none {
		return nil
	}
	for _, r := range runs {
		if r != (banks.Run{}) && r.Doors() == nil || none {
			return errs.New(errs.Invalid, fmt.Sprintf("Doors are numbered from 1 to %d.", ledger.MaxDoor), "For example: 1-300")
		}
	}
	b := banks.Bank{Label: in.Label, Setup: locker.Setup{
		Bank: in.ID, Allotment: in.Allotment, Doors: pupils.Doors(), Confiscation: in.Confiscation.Doors(), Evidence: in.Evidence.Doors(), Trays: in.Trays.Doors(),
	}}
	if err := s.List.Add(ctx, in.By, b); err != nil {
		return err
	}
	return s.Banks.Admit(ctx, in.ID)
}

// serveControl answers the operator's commands.
func (s *Server) serveControl(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /invite", control.Answer(func(ctx context.Context, in Invitation) (Invited, error) {
		if in.Kind == cert.Device {
			if err := s.answersForDevices(in.By); err != nil {
				return Invited{}, err
			}
		}
		if in.Kind == cert.Device && (s.isGateway(in.Platform) || s.spokenFor(in.ID)) {
			return Invited{Page: s.PagesURL + "/phones/" + in.ID}, s.listDevice(ctx, in)
		}
		code, until, err := s.Invite(ctx, in)
		if err != nil {
			return Invited{}, err
		}
		text, err := code.Text()
		return Invited{Code: text, Until: until, Loss: s.loss(in)}, err
	}))
	mux.HandleFunc("POST /revoke", control.Answer(func(ctx context.Context, in Invitation) (struct{}, error) {
		if kind, _ := s.Roll.Kind(in.ID); kind == cert.Device {
			if err := s.answersForDevices(in.By); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, s.Revoke(ctx, in.By, in.ID)
	}))
	mux.HandleFunc("POST /accept-epoch", control.Answer(func(ctx context.Context, in Acceptance) (struct{}, error) {
		return struct{}{}, s.List.Accept(ctx, in.By, in.Bank, in.Epoch)
	}))
	mux.HandleFunc("POST /banks", control.Answer(func(context.Context, struct{}) ([]BankLine, error) { return s.bankLines(), nil }))
	s.serveBackups(mux)
	s.serveStaff(mux)
	s.serveUsers(mux)
	s.serveRules(mux)
	s.serveDeviceRules(mux)
	s.serveDevices(mux)
	if s.Breakable || s.Speed != nil {
		s.serveCut(mux)
	}
	return control.Serve(ctx, s.Dir, mux)
}

package server

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/fleet/change"
)

// beginDeviceRules makes what the school's folder says of devices the first version
// of the rules for them. An edited file changes nothing after that, and is spoken of.
func (s *Server) beginDeviceRules(ctx context.Context) error {
	if s.School.Devices == nil {
		return nil
	}
	if err := s.DeviceRules.Begin(ctx, "first-start", *s.School.Devices); err != nil {
		return err
	}
	if !s.DeviceRules.Knows(*s.School.Devices) {
		slog.Warn(change.FileName+" was edited, which changes nothing", "next", change.EditedHint)
	}
	return nil
}

// RulesKnown says of rules for devices whether they ever were the school's, and
// which version is in force.
type RulesKnown struct {
	Known   bool   `json:"known"`
	InForce uint64 `json:"in_force"` // 0 for none
}

// serveDeviceRules answers the command that checks a school's folder.
func (s *Server) serveDeviceRules(mux *http.ServeMux) {
	mux.HandleFunc("POST /device-rules", control.Answer(func(_ context.Context, rules mdm.Rules) (RulesKnown, error) {
		_, n := s.DeviceRules.At(s.Now().Wall)
		return RulesKnown{s.DeviceRules.Knows(rules), n}, nil
	}))
}

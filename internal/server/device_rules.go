package server

import (
	"context"
	"log/slog"

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

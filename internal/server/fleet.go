package server

import (
	"context"
	"errors"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/mdm/fleet"
)

// RetireDevice ends the management of a device for good and cuts it off. Errors:
// those of the book and of the roll.
func (s *Server) RetireDevice(ctx context.Context, by, id string) error {
	if err := s.Fleet.Retire(ctx, id, by); err != nil {
		return err
	}
	return s.cutOff(ctx, by, id)
}

// LoseDevice records that a device is lost and, unless its line is to be kept for
// locking and finding it, cuts it off. One in quarantine keeps its line. Errors: as
// RetireDevice.
func (s *Server) LoseDevice(ctx context.Context, by, id string, keepLine bool) error {
	if !keepLine && s.spokenFor(id) {
		return errs.At("line", "A device behind a gateway has no certificate that could be ended", "Keep its line; once it is retired it is told nothing more.")
	}
	if err := s.Fleet.Lose(ctx, id, by); err != nil || keepLine || s.Fleet.MayAlter(id) != nil {
		return err
	}
	return s.cutOff(ctx, by, id)
}

// ReplaceDevice gives the holder of a device another one, and cuts the first off.
// Errors: as RetireDevice.
func (s *Server) ReplaceDevice(ctx context.Context, by, id string, with fleet.Handover) error {
	if err := s.Fleet.Replace(ctx, id, by, with); err != nil {
		return err
	}
	return s.cutOff(ctx, by, id)
}

// cutOff ends what a device's certificate allows. One that never joined has none.
func (s *Server) cutOff(ctx context.Context, by, id string) error {
	err := s.Roll.Revoke(ctx, by, id)
	switch errs.CodeOf(err) {
	case "", errs.NotFound:
		return nil
	}
	return errs.Wrap(err, errs.Unavailable, "It is on record, and the device could not be cut off.", "Run: bellkeep device revoke "+id)
}

// cutRetired cuts off what a crash left between the two records.
func (s *Server) cutRetired(ctx context.Context) (err error) {
	for _, l := range s.Fleet.Listings() {
		if !l.Retired.IsZero() && s.belongs(l.Device.ID) {
			err = errors.Join(err, s.cutOff(ctx, Writer, l.Device.ID))
		}
	}
	return err
}

// Revoke ends what the certificate of a bank or device allows. Errors: denied for a
// device in quarantine, those of the roll.
func (s *Server) Revoke(ctx context.Context, by, id string) error {
	if kind, _ := s.Roll.Kind(id); kind == cert.Device {
		if err := s.Fleet.MayAlter(id); err != nil {
			return err
		}
	}
	return s.Roll.Revoke(ctx, by, id)
}

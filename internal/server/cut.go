package server

import (
	"context"
	"net"
	"net/http"

	"github.com/bellkeep/bellkeep/internal/control"
)

// serveCut lets commands cut the lines.
func (s *Server) serveCut(mux *http.ServeMux) {
	for path, do := range map[string]func(){"POST /cut": s.Cut, "POST /mend": s.Mend} {
		mux.HandleFunc(path, control.Answer(func(context.Context, struct{}) (struct{}, error) { do(); return struct{}{}, nil }))
	}
}

// Cut drops every bank and device and lets nobody in until Mend, as if the
// network were gone. Demonstrations and tests use it.
func (s *Server) Cut() {
	s.lineMu.Lock()
	defer s.lineMu.Unlock()
	if s.cut == nil {
		s.cut = make(chan struct{})
		if s.dropLines != nil {
			s.dropLines()
		}
	}
}

// Mend lets everybody in again.
func (s *Server) Mend() {
	s.lineMu.Lock()
	defer s.lineMu.Unlock()
	if s.cut != nil {
		close(s.cut)
		s.cut = nil
	}
}

// serveBroker serves banks and devices until ctx ends, but for the times the
// lines are cut.
func (s *Server) serveBroker(ctx context.Context) error {
	address := s.mqtt.Addr().String()
	for l := s.mqtt; ; {
		serving, drop := context.WithCancel(ctx)
		cut := s.linesUp(drop)
		if cut == nil {
			err := s.Broker.Serve(serving, l, s.Authority.ServerTLS(true))
			cut = s.linesDown()
			if ctx.Err() != nil || cut == nil {
				drop()
				return err
			}
		}
		drop()
		_ = l.Close() // it is closed already if it was served
		select {
		case <-cut:
		case <-ctx.Done():
			return nil
		}
		var err error
		if l, err = net.Listen("tcp", address); err != nil {
			return err
		}
	}
}

// linesUp says how to drop the lines, or gives the channel that closes when
// they are mended.
func (s *Server) linesUp(drop context.CancelFunc) (cut <-chan struct{}) {
	s.lineMu.Lock()
	defer s.lineMu.Unlock()
	if s.cut == nil {
		s.dropLines = drop
		return nil
	}
	return s.cut
}

func (s *Server) linesDown() (cut <-chan struct{}) {
	s.lineMu.Lock()
	defer s.lineMu.Unlock()
	s.dropLines = nil
	if s.cut == nil {
		return nil
	}
	return s.cut
}

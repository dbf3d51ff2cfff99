package server

import (
	"context"
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/control"
	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
)

// RulesChange puts other rules before whoever may change them.
type RulesChange struct {
	By    string       `json:"by"`            // the account of who asks
	From  school.Date  `json:"from,omitzero"` // in force from; zero for at once
	Why   string       `json:"why"`
	Rules policy.Rules `json:"rules"`
}

// suggestRules says what would change.
func (s *Server) suggestRules(ctx context.Context, in RulesChange) ([]string, error) {
	var from time.Time
	if in.From != (school.Date{}) {
		from = in.From.At(school.Clock{}, s.School.Calendar.Zone)
	}
	v, err := s.Policy.Suggest(ctx, in.By, in.Rules, from, in.Why)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, c := range policy.Diff(s.Policy.At(v.From), v.Rules) {
		list = append(list, c.String())
	}
	return list, nil
}

// serveRules answers the command about rules.
func (s *Server) serveRules(mux *http.ServeMux) {
	mux.HandleFunc("POST /policy", control.Answer(s.suggestRules))
}

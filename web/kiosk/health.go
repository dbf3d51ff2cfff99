package kiosk

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/health"
	"github.com/bellkeep/bellkeep/web/ui"
	"github.com/labstack/echo/v4"
)

// Health is how a bank's computer is.
type Health struct {
	At       time.Time
	Problems []health.Problem
	Facts    []Fact
}

// Fact is one line of what there is.
type Fact struct{ Name, Value string }

type finding struct {
	What, Next string
	Since      time.Time
}

// health is the page for whoever looks after the bank. It works without scripts
// and fits on paper.
func (k *kiosk) health(c echo.Context) error {
	h := k.Health()
	var findings []finding
	for _, p := range h.Problems {
		what, next := p.Words()
		f := finding{what, next, p.Since}
		if !p.Since.IsZero() {
			f.Since = p.Since.Local()
		}
		findings = append(findings, f)
	}
	return ui.Page(c.Response(), http.StatusOK, k.templates, "health.html", map[string]any{
		"Bank": k.Bank, "At": h.At.Local(), "Findings": findings, "Facts": h.Facts,
	})
}

// Package api answers programs, under /api/v1. What it says of itself, for machines
// at /api/v1/openapi.json and for people at /programs/reference, comes from the same
// table of operations as its routes.
//
// A program sends a bearer token (RFC 6750) in the Authorization header. Each
// operation needs one permission, the same that the page for people needs, and
// calls what that page calls. No program opens a door, releases a device or does
// anything else that people are asked for their password for; nor what takes
// somebody's hands, or one of two people. What a person confiscates, moves,
// releases or decides they may send here too, with the session of their browser:
// they reach as far as on a page, and prove who they are as there, at /prove,
// within five minutes before. People may read everything here that is theirs to
// see; the rest they change on pages.
//
// Answers are JSON. A failure is a problem document (RFC 9457) with the product's
// own code, a next step and, for each field at fault, what is wrong with it:
// 400 not understood, 401 no token that works, 403 it may not, 404 there is none,
// 409 not as things stand, 413 too long, 422 understood and wrong, 429 too often,
// 503 come back.
//
// A list comes in pages: ask again with after= what next was. There are no more
// when it has no next.
//
// # Sending once
//
// Whatever changes something carries an Idempotency-Key, a UUID of version 7 (RFC
// 9562, section 5.7) made for this request: 48 bits of its time, then random ones.
// The same request under the same key is done once and answered alike for 24
// hours; another request under it is refused with 422. Keys are kept in memory.
// Their time makes that safe: a key from before this server's start, or up to
// half a minute after it, is refused with 409, for its request may have been done
// by the server that was running then. The program looks whether it was, and
// sends it again under a new key if not.
package api

import (
	"net/http"
	"time"

	"github.com/bellkeep/bellkeep/internal/school"
	"github.com/bellkeep/bellkeep/internal/school/policy"
	"github.com/bellkeep/bellkeep/locker/desk"
	"github.com/bellkeep/bellkeep/web/school/kit"
	"github.com/labstack/echo/v4"
)

const base = "/api/v1"

// Config is what programs get to see. What may be nil has no operations then.
type Config struct {
	Calendar   school.Calendar
	Banks      Banks
	Rules      Rules // of banks
	Force      Force
	People     People
	Desk       Desk
	Badges     Badges
	History    History
	Register   Register
	Exceptions Exceptions
	Policy     func() policy.Rules // in force now
	Ledger     Ledger

	Custody *desk.Custody
	Orders  Orders
	Notices Notices  // or nil: there is only the printed slip
	Spots   []string // the named places for devices, by id

	Devices Devices // or nil

	DeviceRules DeviceRuleBook // or nil

	Machine func() time.Time // machine time
}

type api struct {
	Config
	*kit.Kit
	once *once
}

// Pages are the API's routes.
func Pages(k *kit.Kit, cfg Config) (kit.Feature, error) {
	a := &api{Config: cfg, Kit: k, once: newOnce(cfg.Machine)}
	operations := a.operations()
	about, err := describe(k.School, operations)
	if err != nil {
		return kit.Feature{}, err
	}
	page, templates, err := a.readers(operations)
	if err != nil {
		return kit.Feature{}, err
	}
	routes := []kit.Route{page, kit.Get(base+"/openapi.json", kit.Open, func(c echo.Context) error {
		return c.Blob(http.StatusOK, "application/json", about)
	})}
	for _, o := range operations {
		routes = append(routes, a.route(o))
	}
	return kit.Feature{Routes: routes, Templates: templates}, nil
}

// operations is the one table: routes and their description are made from it.
func (a *api) operations() []operation {
	list := a.schoolOperations()
	list = append(list, a.bankOperations()...)
	list = append(list, a.peopleOperations()...)
	list = append(list, a.barOperations()...)
	list = append(list, a.dayOperations()...)
	list = append(list, a.ruleOperations()...)
	list = append(list, a.decisionOperations()...)
	list = append(list, a.caseOperations()...)
	list = append(list, a.caseworkOperations()...)
	list = append(list, a.recordOperations()...)
	list = append(list, a.itemOperations()...)
	if a.Notices != nil {
		list = append(list, a.noticeOperations()...)
	}
	if a.Devices != nil {
		list = append(list, a.deviceOperations()...)
	}
	if a.DeviceRules != nil {
		list = append(list, a.deviceRuleOperations()...)
	}
	return list
}

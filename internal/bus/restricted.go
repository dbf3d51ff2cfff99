package bus

import (
	"context"
	"strings"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Restricted is a client inside the broker's process that may do no more than its
// rights say, as if it had connected. It is safe for concurrent use.
type Restricted struct {
	Local  *Local
	Rights Rights
	ID     string
}

// Publish is Local's. Errors: denied besides.
func (r Restricted) Publish(ctx context.Context, topic string, payload []byte, retain bool) error {
	if !r.Rights.May(r.ID, Write, topic) {
		return errs.New(errs.Denied, "This client may not write that topic.", "")
	}
	return r.Local.Publish(ctx, topic, payload, retain)
}

// Subscribe is Local's, of what may be read. Errors: denied besides.
func (r Restricted) Subscribe(ctx context.Context, filter string, handle Handler) error {
	op := Read
	if strings.ContainsAny(filter, "+#") {
		op = Subscribe
	}
	if !r.Rights.May(r.ID, op, filter) {
		return errs.New(errs.Denied, "This client may not read that topic.", "")
	}
	return r.Local.Subscribe(ctx, filter, func(topic string, payload []byte, retained bool) {
		if r.Rights.May(r.ID, Read, topic) {
			handle(topic, payload, retained)
		}
	})
}

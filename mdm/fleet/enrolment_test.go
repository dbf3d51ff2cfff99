package fleet

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/ledger"
)

// The ledger says who let which device enrol; a device that is evidence, retired or
// unknown is not let in, and then no other of the same list either.
func TestWhoLetDevicesEnrol(t *testing.T) {
	r := evidence(t)
	ctx := t.Context()
	r.must(r.List(ctx, "it", device(3)))
	r.must(r.Retire(ctx, "ipad-3", "it"))
	before := len(r.kinds())
	for what, c := range map[string]struct {
		do   func(ids ...string) error
		id   string
		want errs.Code
	}{
		"invite what is evidence":  {func(ids ...string) error { return r.Invite(ctx, "it", ids...) }, "ipad-1", errs.Denied},
		"invite what is retired":   {func(ids ...string) error { return r.Invite(ctx, "it", ids...) }, "ipad-3", errs.Conflict},
		"invite what there is not": {func(ids ...string) error { return r.Invite(ctx, "it", ids...) }, "ipad-9", errs.NotFound},
		"assign what is evidence":  {func(ids ...string) error { return r.Assign(ctx, "it", ids...) }, "ipad-1", errs.Denied},
		"rehearse with evidence":   {func(ids ...string) error { return r.Rehearse(ctx, "it", ids[1], monday) }, "ipad-1", errs.Denied},
		"somebody without an id":   {func(ids ...string) error { return r.Invite(ctx, "I. T.", "ipad-2") }, "", errs.Invalid},
		"a push without a topic":   {func(...string) error { return r.TakePush(ctx, "it", "", monday) }, "", errs.Invalid},
	} {
		r.code(what, c.do("ipad-2", c.id), c.want)
	}
	if got := r.kinds()[before:]; len(got) > 0 {
		t.Errorf("on record: %v", got)
	}
	r.must(r.Invite(ctx, "it", "ipad-2"))
	r.must(r.Assign(ctx, "it", "ipad-2"))
	r.must(r.Rehearse(ctx, "it", "ipad-2", monday.Add(time.Minute)))
	r.must(r.TakePush(ctx, "it", "com.apple.mgmt.External.one", monday.AddDate(1, 0, 0)))
	if got, want := r.kinds()[before:], []string{kindInvited, kindAssigned, kindRehearsed, kindPush}; !slices.Equal(got, want) {
		t.Errorf("on record: %v, want %v", got, want)
	}
}

// kinds are those of all records, in order.
func (r *rig) kinds() (list []string) {
	r.t.Helper()
	r.must(r.log.Read(context.Background(), 0, func(rec ledger.Record) error { list = append(list, rec.Kind); return nil }))
	return list
}

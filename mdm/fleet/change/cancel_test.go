package change

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/mdm"
)

// agreed is a request that IT and the safeguarding lead have published for a time.
func (d *desk) agreed(t *testing.T, from time.Time, change func(*mdm.Rules)) Request {
	t.Helper()
	ask := d.with(change)
	ask.From = from
	r, err := d.Ask(t.Context(), it, ask)
	must(t, err)
	if r.Filters {
		r, err = d.Review(t.Context(), dsl, r.ID, Educational, true, "")
		must(t, err)
	}
	if r.State != Published {
		t.Fatalf("it is %s", r.State)
	}
	return r
}

// What two agreed to close again stays closed, whoever would rather it were not; they
// may loosen it together, and one may always cancel what would let more through.
func TestOnePersonCancelsNoTightening(t *testing.T) {
	tomorrow, later := monday.Add(24*time.Hour), monday.Add(60*24*time.Hour)
	for name, c := range map[string]struct {
		now, then func(*mdm.Rules)
		want      errs.Code
	}{
		"sharing is closed again": {share(mdm.User), share(mdm.Block), errs.Conflict},
		"another site is blocked": {items("x.com"), items("x.com", "tiktok.com"), errs.Conflict},
		"both ways at once":       {share(mdm.User), func(r *mdm.Rules) { share(mdm.Block)(r); items("x.com")(r) }, errs.Conflict},
		"sharing is opened":       {camera(mdm.User), share(mdm.User), ""},
		"a site is let through":   {camera(mdm.User), items("x.com"), ""},
		"it filters nothing":      {share(mdm.User), camera(mdm.User), ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.agreed(t, time.Time{}, c.now)
			r := d.agreed(t, tomorrow, c.then)
			for _, by := range []By{teacher, it, head} {
				err := d.Cancel(t.Context(), by, r.ID, "We do without it.")
				code(t, "cancelled by "+by.Account, err, c.want)
				code(t, "said before", d.MayCancel(r, d.now), c.want)
				if err != nil && errs.HintOf(err) == "" {
					t.Errorf("%v: nothing is said of what to do", err)
				}
				if c.want == "" {
					break
				}
			}
			if _, n := d.again(t).At(later); (n == 3) != (c.want != "") {
				t.Errorf("later version %d is in force", n)
			}
			if c.want == "" {
				return
			}
			d.agreed(t, tomorrow, c.now) // as the refusal says, and two did
			if rules, n := d.At(later); n != 4 || rules.Profiles[1].Set[mdm.Share] == mdm.Block && name == "sharing is closed again" {
				t.Errorf("in force is version %d: %v", n, rules.Profiles)
			}
		})
	}
}

// Nobody has agreed to a request that waits, or not all: one word ends it.
func TestARequestIsWithdrawn(t *testing.T) {
	d := newDesk(t)
	for _, by := range []By{it, teacher} {
		r, err := d.Ask(t.Context(), by, d.with(share(mdm.Allow)))
		must(t, err)
		must(t, d.Cancel(t.Context(), by, r.ID, "It was a mistake."))
		code(t, "a second time", d.Cancel(t.Context(), by, r.ID, "Once more."), errs.NotFound)
	}
}

package notify

import (
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bellkeep/bellkeep/internal/register"
	"github.com/bellkeep/bellkeep/internal/vault"
)

// Whatever people do and the mail server answers, in any order and with restarts
// in between: a book read from the ledger is the book in memory, no notice is
// offered to the server again once it may have it, and none that nobody sent.
func TestHistories(t *testing.T) {
	v, err := vault.Open(filepath.Join(t.TempDir(), "vault"))
	must(t, err)
	t.Cleanup(func() { v.Close() })
	outcomes := []error{thankyou, busy, greylist, unknown, errLine}
	rapid.Check(t, func(rt *rapid.T) {
		o := withVault(t, v)
		offered := map[string][]int{} // what the server answered to each notice
		sent := map[string]bool{}     // somebody said so
		pick := func() string {
			list := o.List()
			if len(list) == 0 {
				return "n-none"
			}
			return list[rapid.IntRange(0, len(list)-1).Draw(rt, "notice")].ID
		}
		rt.Repeat(map[string]func(*rapid.T){
			"prepare": func(rt *rapid.T) {
				r := Request{About: rapid.SampledFrom([]string{"c-1", "c-2", "i-1"}).Draw(rt, "about"), Template: "contact-office", Pupil: "p-1"}
				r.Contact = rapid.SampledFrom([]string{"C1", "C2", "C3"}).Draw(rt, "contact")
				_, _ = o.Prepare(t.Context(), "desk", r) // refusals change nothing
			},
			"send": func(*rapid.T) {
				id := pick()
				if o.Send(t.Context(), clerk, id) == nil {
					sent[id] = true
				}
			},
			"cancel": func(*rapid.T) {
				id := pick()
				if o.Cancel(t.Context(), "office-1", id) == nil {
					delete(sent, id)
				}
			},
			"print": func(*rapid.T) { _ = o.Printed(t.Context(), clerk, pick()) },
			"forbid": func(rt *rapid.T) {
				o.town.contact("p-1", 0, func(c *register.Contact) { c.NoContact = rapid.Bool().Draw(rt, "no contact") })
			},
			"attempt": func(rt *rapid.T) {
				if len(o.queue) == 0 {
					return
				}
				id, answer := o.queue[0].ID, rapid.IntRange(0, len(outcomes)-1).Draw(rt, "answer")
				o.mailer.outcomes = []error{outcomes[answer]}
				calls := len(o.mailer.calls)
				must(t, o.attempt(t.Context(), id))
				if len(o.mailer.calls) > calls {
					offered[id] = append(offered[id], answer)
					if !sent[id] {
						rt.Fatalf("%s went out and nobody sent it", id)
					}
				}
			},
			"power cut while sending": func(rt *rapid.T) {
				if len(o.queue) == 0 {
					return
				}
				id := o.queue[0].ID
				if _, claimed, err := o.claim(t.Context(), id); err != nil {
					rt.Fatal(err)
				} else if claimed {
					offered[id] = append(offered[id], 4)
				}
				o.Book = o.again(t)
				must(t, o.doubt(t.Context()))
			},
			"restart": func(*rapid.T) { o.Book = o.again(t); must(t, o.doubt(t.Context())) },
			"": func(rt *rapid.T) {
				if again := o.again(t).List(); !slices.Equal(again, o.List()) {
					rt.Fatalf("read again %+v, in memory %+v", again, o.List())
				}
				for id, answers := range offered {
					last := len(answers) - 1
					if len(answers) > MaxAttempts || slices.ContainsFunc(answers[:last], func(a int) bool { return a != 1 && a != 2 }) {
						rt.Fatalf("%s was offered again after %v", id, answers)
					}
				}
			},
		})
	})
}

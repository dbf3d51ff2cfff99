package audit

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/web/school/kit/kittest"
)

// BenchmarkList draws the newest page over two ledgers of 20,000 records, and
// looks for somebody who is on none of them.
func BenchmarkList(b *testing.B) {
	a := newAcademy(b)
	for i := range 40_000 {
		a.add(b, []string{"school", "a"}[i%2], "deposited", monday.Add(time.Duration(i)*time.Second), 1, object{"person": "p-9"})
	}
	k := kittest.Kit(kittest.People(), pupils{}, func() time.Time { return monday }, nil)
	o := &pages{Config{Ledgers: a, People: pupils{}, Things: a, Reasons: a, Corrections: a.Book}, k}
	for name, q := range map[string]query{"newest": {}, "nobody": {Who: "nobody"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := o.find(httptest.NewRequest("GET", "/", nil).Context(), q, onPage, budget); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

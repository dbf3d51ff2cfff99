package scenario

import (
	"context"

	"github.com/bellkeep/bellkeep/internal/banks"
	"github.com/bellkeep/bellkeep/internal/ledger"
	"github.com/bellkeep/bellkeep/internal/ledger/memlog"
	"github.com/bellkeep/bellkeep/locker"
	"github.com/bellkeep/bellkeep/locker/record"
)

// count takes in what was written on all ledgers since the last time. The two
// kinds that carry rules to banks are left out: in-force tells of those.
func (w *world) count() {
	w.countOn("school", w.log)
	for _, b := range w.banks {
		w.countOn(b.id, b.log)
	}
}

func (w *world) countOn(name string, log *memlog.Log) {
	err := log.Read(context.Background(), w.counted[name], func(r ledger.Record) error {
		w.counted[name] = r.Seq + 1
		if r.Kind == banks.KindPublished || r.Kind == string(locker.InForce) {
			return nil
		}
		if w.written[name] == nil {
			w.written[name] = map[string]int{}
		}
		w.written[name][label(r)]++
		return nil
	})
	if err != nil {
		w.broken("the ledger of %s cannot be read: %v", name, err)
	}
}

// label is how a script calls a record: its kind, and for an answer or outcome
// which.
func label(r ledger.Record) string {
	e, err := record.Event(r)
	switch {
	case err != nil: // one of the school's
	case e.Answer != "":
		return r.Kind + " " + string(e.Answer)
	case e.Result != "":
		return r.Kind + " " + string(e.Result)
	}
	return r.Kind
}

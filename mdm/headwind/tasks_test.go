package headwind

import (
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
)

// A command is over at its end, not when somebody next looks.
func TestTheEndIsTheEnd(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	end := now.Add(time.Minute)
	for _, op := range []mdm.Op{mdm.Wipe, mdm.Lock, mdm.ClearPasscode} {
		tasks := newTasks(now)
		if acks := tasks.take(mdm.NewCommand("phone-7", "c-1", op, mdm.Args{}, now, end), now); len(acks) > 0 {
			t.Errorf("%s is answered %+v before the phone came for it", op, acks)
		}
		if tasks.waiting(false, end) != "" || tasks.waiting(false, end.Add(-1)) == "" {
			t.Errorf("%s waits: %q", op, tasks.waiting(false, end))
		}
		if c := (ServerConfig{}); tasks.shape(&c, false, end) || !tasks.shape(&c, false, end.Add(-1)) {
			t.Errorf("%s makes %+v", op, c)
		}
		if acks := tasks.fetched(false, end); len(acks) > 0 {
			t.Errorf("%s is fetched at its end: %+v", op, acks)
		}
		tasks.fetched(false, now)
		if acks, may := tasks.mayWipe(true, false, end); may || len(acks) > 0 {
			t.Errorf("%s: at its end the phone may wipe itself", op)
		}
		if _, may := tasks.mayWipe(true, false, end.Add(-1)); may != (op == mdm.Wipe) {
			t.Errorf("%s: before its end the phone may wipe itself: %v", op, may)
		}
	}
}

package gateway

import (
	"errors"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/mdm"
	"github.com/bellkeep/bellkeep/mdm/apple/push"
)

// Of two changes of a device the one that was kept first may be told of last: what
// follows from the later one stands.
func TestALaterChangeStands(t *testing.T) {
	m := &member{}
	m.stand(standing{change: 2, behind: true, report: mdm.Reported{Rev: 7}})
	m.news = false
	m.stand(standing{change: 1, report: mdm.Reported{Rev: 6}})
	if !m.behind || m.report.Rev != 7 || m.news {
		t.Errorf("after an earlier change: %+v", m.standing)
	}
	m.stand(standing{change: 2, report: mdm.Reported{Rev: 7}}) // time has passed
	if m.behind || !m.news {
		t.Errorf("after a look: %+v", m.standing)
	}
}

// A device that comes before Apple has answered for its wake-up is not waited for: it
// would count as away in the end, and be woken late the next time.
func TestADeviceFasterThanApplesAnswer(t *testing.T) {
	asked := time.Now()
	answered := asked.Add(time.Second)
	for name, c := range map[string]struct {
		heard time.Time
		err   error
		calls int
		here  bool // once nobody is waited for any more
	}{
		"it came before the answer": {asked.Add(time.Millisecond), nil, 0, true},
		"it has not come yet":       {asked.Add(-time.Hour), nil, 1, false},
		"Apple was away":            {asked.Add(time.Millisecond), errors.New("nobody answers"), 1, false},
		"Apple does not know it":    {asked.Add(time.Millisecond), push.ErrGone, 1, false},
	} {
		m := &member{note: push.Notification{Token: []byte("token")}, heard: c.heard, waking: true, asked: asked}
		m.woken(c.err, answered)
		if m.waking || m.calls != c.calls || m.here(answered.Add(quiet+time.Second)) != c.here {
			t.Errorf("%s: %d calls, here %v", name, m.calls, m.here(answered.Add(quiet+time.Second)))
		}
	}
}

package signin

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestStoreIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{kept: map[string]kept{}}
		for i := range maxSessions + 10 {
			if err := s.Commit(fmt.Sprint(i), nil, time.Now().Add(time.Hour+time.Duration(i)*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		if len(s.kept) != maxSessions {
			t.Errorf("%d sessions are kept", len(s.kept))
		}
		_, oldest, _ := s.Find("9")
		_, newest, _ := s.Find("2009")
		if oldest || !newest {
			t.Error("the wrong session gave way")
		}
		time.Sleep(3 * time.Hour)
		if _, ok, _ := s.Find("2009"); ok {
			t.Error("an expired session was found")
		}
		if err := s.Commit("new", nil, time.Now().Add(time.Hour)); err != nil || len(s.kept) != 1 {
			t.Errorf("%v; expired sessions are kept: %d", err, len(s.kept))
		}
	})
}

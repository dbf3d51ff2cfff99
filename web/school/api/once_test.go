package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// keyAt is a UUID of version 7 made at t.
func keyAt(t time.Time, n int) string {
	ms := t.UnixMilli()
	return fmt.Sprintf("%08x-%04x-7%03x-8000-%012x", ms>>16, ms&0xffff, n>>12&0xfff, n)
}

func TestKeys(t *testing.T) {
	o := newOnce(func() time.Time { return now })
	o.started = now.Add(-48 * time.Hour)
	for key, want := range map[string]errs.Code{
		keyAt(now, 1):                          "",
		keyAt(now.Add(keySkew), 1):             "",
		keyAt(now.Add(keySkew+1e9), 1):         errs.Invalid,
		keyAt(now.Add(-keyLasts), 1):           "",
		keyAt(now.Add(-keyLasts-1e9), 1):       errs.Invalid,
		"":                                     errs.Invalid,
		"7":                                    errs.Invalid,
		keyAt(now, 1) + "0":                    errs.Invalid,
		"0190a8b0-0000-4000-8000-000000000":    errs.Invalid,
		"f47ac10b-58cc-4372-a567-0e02b2c3d479": errs.Invalid, // version 4: there is no time in it
	} {
		if _, err := o.check(key); errs.CodeOf(err) != want {
			t.Errorf("%q: %v", key, err)
		}
	}
	made, ok := timeOf("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") // RFC 9562, appendix A.6
	if want := time.Date(2022, 2, 22, 19, 22, 22, 0, time.UTC); !ok || !made.Equal(want) {
		t.Errorf("the RFC's example is of %v", made)
	}
}

// A key from before the start stands for a request that may have been done, as
// far as the program's clock may be wrong.
func TestKeysFromBeforeTheStart(t *testing.T) {
	c := &clock{t: now}
	o := newOnce(c.now)
	c.pass(time.Hour)
	for ago, want := range map[time.Duration]errs.Code{-time.Second: errs.NotNow, keySkew - 1e9: errs.NotNow, keySkew: "", time.Minute: ""} {
		if _, err := o.check(keyAt(now.Add(ago), 1)); errs.CodeOf(err) != want {
			t.Errorf("made %v after the start: %v", ago, err)
		}
	}
}

// counter does something and counts how often.
type counter struct {
	n   int
	err error
}

func (c *counter) do() (answer, error) {
	c.n++
	return answer{200, []byte(fmt.Sprint(c.n))}, c.err
}

func TestOnce(t *testing.T) {
	o := newOnce(func() time.Time { return now })
	o.started = now.Add(-time.Hour)
	post := request{"POST", "/x", []byte("{}")}
	key, total := keyAt(now, 1), 0
	for i, c := range []struct {
		account, key string
		r            request
		fails        error
		n            int // how often it has been done then
		code         errs.Code
	}{
		{"a", key, post, nil, 1, ""},
		{"a", key, post, nil, 1, ""},
		{"b", key, post, nil, 2, ""}, // another program's key
		{"a", key, request{"POST", "/x", []byte("{ }")}, nil, 2, errs.Invalid},
		{"a", key, request{"POST", "/y", []byte("{}")}, nil, 2, errs.Invalid},
		{"a", keyAt(now, 2), post, errs.New(errs.Conflict, "No.", ""), 3, errs.Conflict},
		{"a", keyAt(now, 2), post, nil, 4, ""}, // what was refused may be sent again
		{"a", keyAt(now, 3), post, errs.New(errs.Unavailable, "Who knows.", ""), 5, errs.Unavailable},
		{"a", keyAt(now, 3), post, nil, 5, errs.Unavailable}, // what failed inside may have been done
	} {
		did := &counter{err: c.fails}
		_, replayed, err := o.do(c.account, c.key, c.r, did.do)
		if errs.CodeOf(err) != c.code || replayed && did.n > 0 {
			t.Errorf("step %d: %v, done %d times", i, err, did.n)
		}
		if total += did.n; total != c.n {
			t.Errorf("step %d: done %d times in all, want %d", i, total, c.n)
		}
	}
}

// While a request is being done, the same one again does not wait behind it.
func TestOnceAtATime(t *testing.T) {
	o := newOnce(func() time.Time { return now })
	o.started = now.Add(-time.Hour)
	r := request{"POST", "/x", nil}
	_, _, err := o.do("a", keyAt(now, 1), r, func() (answer, error) {
		_, _, again := o.do("a", keyAt(now, 1), r, (&counter{}).do)
		return answer{}, again
	})
	if errs.CodeOf(err) != errs.Conflict {
		t.Errorf("%v", err)
	}
}

func TestKeysHaveALimit(t *testing.T) {
	c := &clock{t: now.Add(-time.Hour)}
	o := newOnce(c.now)
	c.pass(time.Hour)
	r := request{"POST", "/x", nil}
	for n := range mostKeys {
		if _, _, err := o.do("a", keyAt(now, n), r, (&counter{}).do); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := o.do("a", keyAt(now, mostKeys), r, (&counter{}).do); errs.CodeOf(err) != errs.TooOften {
		t.Errorf("one too many: %v", err)
	}
	if _, _, err := o.do("b", keyAt(now, 1), r, (&counter{}).do); err != nil {
		t.Errorf("another caller has no share of its own: %v", err)
	}
	did := &counter{}
	if _, replayed, err := o.do("a", keyAt(now, 0), r, did.do); err != nil || !replayed || did.n != 0 {
		t.Errorf("the first of many: %v, replayed %v, done again %d times", err, replayed, did.n)
	}
	c.pass(keyLasts + time.Hour)
	if _, _, err := o.do("a", keyAt(c.now(), mostKeys), r, (&counter{}).do); err != nil || len(o.kept["a"]) != 1 {
		t.Errorf("a day later: %v; %d are kept", err, len(o.kept["a"]))
	}
}

// Who comes when all places are taken waits until somebody's keys are too old.
func TestCallersHaveALimit(t *testing.T) {
	c := &clock{t: now.Add(-time.Hour)}
	o := newOnce(c.now)
	c.pass(time.Hour)
	r := request{"POST", "/x", nil}
	for n := range mostKeepers {
		if _, _, err := o.do(fmt.Sprint("caller-", n), keyAt(now, 1), r, (&counter{}).do); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := o.do("late", keyAt(now, 1), r, (&counter{}).do); errs.CodeOf(err) != errs.TooOften {
		t.Errorf("one too many: %v", err)
	}
	c.pass(keyLasts + time.Hour)
	if _, _, err := o.do("late", keyAt(c.now(), 1), r, (&counter{}).do); err != nil || len(o.kept) != 1 {
		t.Errorf("a day later: %v; %d are kept", err, len(o.kept))
	}
}

// What panics counts as done: nobody knows how far it came.
func TestOnceSurvivesAPanic(t *testing.T) {
	o := newOnce(func() time.Time { return now })
	o.started = now.Add(-time.Hour)
	r := request{"POST", "/x", nil}
	func() {
		defer func() { _ = recover() }()
		_, _, _ = o.do("a", keyAt(now, 1), r, func() (answer, error) { panic("oh") })
	}()
	did := &counter{}
	if _, _, err := o.do("a", keyAt(now, 1), r, did.do); errs.CodeOf(err) != errs.Internal || did.n != 0 {
		t.Errorf("%v; done again %d times", err, did.n)
	}
}

func FuzzKey(f *testing.F) {
	f.Add("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
	f.Add("")
	f.Add("017f22e279b0-7cc3-98c4-dc0c0c07398f-")
	f.Fuzz(func(t *testing.T, key string) {
		made, ok := timeOf(key)
		if ok && (len(key) != 36 || made.IsZero()) {
			t.Errorf("%q is taken for a key of %v", key, made)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"x"}`))
	f.Add([]byte(`{"id":"x"} {}`))
	f.Add([]byte(`{"door":"x","no":1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var in, again Bar
		err := decode(body, &in)
		if err != nil {
			var known *errs.Error
			if !errors.As(err, &known) || known.Code != errs.Invalid {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := decode(text, &again); err != nil {
			t.Fatalf("%q became %q: %v", body, text, err)
		}
	})
}

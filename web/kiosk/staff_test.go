package kiosk

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/locker"
)

func post(h http.Handler, path, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr, r.Host = "127.0.0.1:9", "127.0.0.1"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func containsPIN(text, pin string) bool { return strings.Contains(text, pin) }

// What cannot be a PIN, a door or a choice never reaches the bank.
func TestStaffPosts(t *testing.T) {
	cases := []struct {
		path, form string
		status     int
		want       string
	}{
		{"/staff/pin", "pin=271828", http.StatusNoContent, "PIN 271828"},
		{"/staff/pin", "pin=27182", http.StatusBadRequest, ""},
		{"/staff/pin", "pin=2718281828459", http.StatusBadRequest, ""},
		{"/staff/pin", "pin=27182x", http.StatusBadRequest, ""},
		{"/staff/pin", "", http.StatusBadRequest, ""},
		{"/staff/wish", "kind=open-window", http.StatusNoContent, "open-window 0"},
		{"/staff/wish", "kind=end-window&door=7", http.StatusNoContent, "end-window 0"},
		{"/staff/wish", "kind=open-door&door=12&reason=other", http.StatusNoContent, "open-door 12 other"},
		{"/staff/wish", "kind=open-door&door=12", http.StatusBadRequest, ""},
		{"/staff/wish", "kind=open-door&door=12&reason=" + url.QueryEscape("a friend"), http.StatusBadRequest, ""},
		{"/staff/wish", "kind=open-door&door=0&reason=other", http.StatusBadRequest, ""},
		{"/staff/wish", "kind=open-door&door=10000&reason=other", http.StatusBadRequest, ""},
		{"/staff/wish", "kind=open-door&door=all&reason=other", http.StatusBadRequest, ""},
		{"/staff/wish", "put=confiscation", http.StatusNoContent, "put 0 confiscation"},
		{"/staff/wish", "put=evidence&door=1103", http.StatusNoContent, "put 0 evidence"},
		{"/staff/wish", "put=pupil", http.StatusBadRequest, ""},
		{"/staff/wish", "kind=put", http.StatusBadRequest, ""},
		{"/staff/wish", "kind=hold&door=1102", http.StatusNoContent, "hold 1102"},
		{"/staff/wish", "kind=hold", http.StatusBadRequest, ""},
		{"/staff/wish", "kind=hold&door=10000", http.StatusBadRequest, ""},
		{"/staff/wish", "kind=end-hold&door=1102", http.StatusBadRequest, ""},
		{"/staff/wish", "kind=open-all", http.StatusBadRequest, ""},
		{"/staff/leave", "", http.StatusNoContent, "leave"},
	}
	for _, c := range cases {
		b := newBank(locker.Screen{Word: locker.Scan})
		if w := post(handler(t, b), c.path, c.form); w.Code != c.status || b.deeds() != c.want {
			t.Errorf("%s %s: %d %s", c.path, c.form, w.Code, w.Body)
		}
	}
}

// A PIN is in no answer and no log, also when the bank fails.
func TestPINStaysSecret(t *testing.T) {
	b := newBank(locker.Screen{Word: locker.Scan})
	b.fail = errBroken
	var log bytes.Buffer
	w := post(logged(t, b, slog.NewTextHandler(&log, nil)), "/staff/pin", "pin=271828")
	if w.Code != http.StatusInternalServerError || log.Len() == 0 {
		t.Errorf("%d, logged %q", w.Code, &log)
	}
	if containsPIN(w.Body.String()+log.String(), "271828") {
		t.Errorf("answer %s, log %s", w.Body, &log)
	}
}

func TestStaffHammering(t *testing.T) {
	b := newBank(locker.Screen{Word: locker.Scan})
	h := handler(t, b)
	for range 50 {
		post(h, "/staff/pin", "pin=000000")
	}
	if n := strings.Count(b.deeds(), "PIN"); n < keyBurst || n > keyBurst+2 {
		t.Errorf("%d of 50 PINs reached the bank", n)
	}
}

// A kiosk without staff has none of it, and no page from elsewhere posts a PIN.
func TestStaffOnlyHere(t *testing.T) {
	b := newBank(locker.Screen{Word: locker.Scan})
	h, err := New(Config{Bank: "Bank A", Screens: b, Helper: b, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if w := post(h, "/staff/pin", "pin=271828"); w.Code != http.StatusNotFound {
		t.Errorf("without staff: %d", w.Code)
	}
	r := httptest.NewRequest("POST", "/staff/leave", nil) // comes from 192.0.2.1
	w := httptest.NewRecorder()
	if handler(t, b).ServeHTTP(w, r); w.Code != http.StatusForbidden || b.deeds() != "" {
		t.Errorf("from elsewhere: %d", w.Code)
	}
	r.RemoteAddr, r.Host = "127.0.0.1:9", "127.0.0.1"
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w = httptest.NewRecorder()
	if handler(t, b).ServeHTTP(w, r); w.Code != http.StatusForbidden || b.deeds() != "" {
		t.Errorf("from another site: %d", w.Code)
	}
}

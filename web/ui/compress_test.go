package ui

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestCompress(t *testing.T) {
	text := strings.Repeat("phone ", 1000)
	for name, c := range map[string]struct {
		accept, header string // of the request: Accept-Encoding, and one more
		kind           string // of the answer
		status         int
		zipped         bool
	}{
		"a page":             {"gzip, br", "", "text/html; charset=utf-8", 200, true},
		"JSON":               {"gzip", "", "application/problem+json", 404, true},
		"whose kind is seen": {"gzip", "", "", 200, true},
		"not asked for":      {"br", "", "text/html", 200, false},
		"a PDF":              {"gzip", "", "application/pdf", 200, false},
		"a stream":           {"gzip", "", "text/event-stream", 200, false},
		"a part of it":       {"gzip", "bytes=0-9", "text/html", 206, false},
		"nothing":            {"gzip", "", "text/html", 304, false},
	} {
		h := Compress(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if c.kind != "" {
				w.Header().Set("Content-Type", c.kind)
			}
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Length", "6000")
			if c.status != 200 {
				w.WriteHeader(c.status)
			}
			if c.status != 304 {
				_, _ = io.WriteString(w, text)
			}
		}))
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", c.accept)
		if c.header != "" {
			r.Header.Set("Range", c.header)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.zipped || w.Code != c.status || w.Header().Get("Vary") == "" {
			t.Errorf("%s: zipped %t, %d %v", name, got, w.Code, w.Header())
		}
		if (w.Header().Get("ETag") == `W/"1"`) != c.zipped || (w.Header().Get("Content-Length") == "") != c.zipped {
			t.Errorf("%s: %v", name, w.Header())
		}
		if !c.zipped {
			continue
		}
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := io.ReadAll(z); err != nil || string(got) != text {
			t.Errorf("%s: %v, %d bytes", name, err, len(got))
		}
	}
}

// Each event of a stream leaves at once, and its deadline is still set through
// everything around it.
func TestCompressLetsEventsThrough(t *testing.T) {
	sent := make(chan struct{})
	srv := httptest.NewServer(Compress(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := OpenStream(w, time.Second)
		if err != nil {
			t.Error(err)
			return
		}
		if err := s.Send("news", "", "one"); err != nil {
			t.Error(err)
		}
		<-sent
	})))
	defer srv.Close()
	r, err := http.NewRequest("GET", srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "gzip")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	const want = "retry: 1000\n\nevent: news\ndata: one\n\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(answer.Body, got); err != nil || string(got) != want {
		t.Errorf("%v; the stream is\n%s", err, got)
	}
	close(sent)
}

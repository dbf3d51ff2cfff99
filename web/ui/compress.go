package ui

import (
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// Compress sends text gzipped (RFC 1952) to whoever takes it so. A stream of
// events goes as it is: each must arrive at once, and its keeper would cost more
// memory than its bytes. Nothing here is a secret that an attacker could find out
// by the size of a page that also has words of theirs: there is no token in any.
func Compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || r.Header.Get("Range") != "" {
			next.ServeHTTP(w, r)
			return
		}
		z := &zipped{ResponseWriter: w}
		defer z.close()
		next.ServeHTTP(z, r)
	})
}

// writers are used again: each has more than half a megabyte.
var writers = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return w
}}

// zipped decides with the head of the answer whether to compress it.
type zipped struct {
	http.ResponseWriter
	begun bool
	gz    *gzip.Writer // nil: as it is
}

// WriteHeader begins the answer.
func (z *zipped) WriteHeader(status int) {
	if z.begun {
		return
	}
	z.begun = true
	if h := z.Header(); status != http.StatusNoContent && status != http.StatusNotModified && isText(h) {
		h.Set("Content-Encoding", "gzip")
		h.Del("Content-Length")
		if tag := h.Get("ETag"); strings.HasPrefix(tag, `"`) {
			h.Set("ETag", "W/"+tag) // the same content in other bytes
		}
		z.gz = writers.Get().(*gzip.Writer)
		z.gz.Reset(z.ResponseWriter)
	}
	z.ResponseWriter.WriteHeader(status)
}

// isText tells whether an answer is worth compressing and is not so already.
func isText(h http.Header) bool {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return h.Get("Content-Encoding") == "" && kind != "text/event-stream" &&
		(strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "javascript") || kind == "image/svg+xml")
}

// Write writes a part of the answer.
func (z *zipped) Write(b []byte) (int, error) {
	if !z.begun {
		if z.Header().Get("Content-Type") == "" {
			z.Header().Set("Content-Type", http.DetectContentType(b))
		}
		z.WriteHeader(http.StatusOK)
	}
	if z.gz != nil {
		return z.gz.Write(b)
	}
	return z.ResponseWriter.Write(b)
}

// Flush sends what has gathered.
func (z *zipped) Flush() {
	if z.gz != nil {
		_ = z.gz.Flush() // the peer is gone: the next Write says so
	}
	_ = http.NewResponseController(z.ResponseWriter).Flush()
}

// Unwrap gives a ResponseController the writer below, for its deadlines.
func (z *zipped) Unwrap() http.ResponseWriter { return z.ResponseWriter }

func (z *zipped) close() {
	if z.gz != nil {
		_ = z.gz.Close() // the peer is gone: nobody left to tell
		writers.Put(z.gz)
	}
}

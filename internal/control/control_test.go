package control

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// A command reaches whoever runs on the folder, and a refusal comes back whole; on a
// folder where nothing runs, or nothing any more, one is told so.
func TestAsk(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, Socket), nil, 0o600); err != nil { // of a program that died
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /double", Answer(func(_ context.Context, n int) (int, error) {
		if n < 0 {
			return 0, errs.New(errs.Denied, "Not below nothing.", "Ask for more.")
		}
		return 2 * n, nil
	}))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, dir, mux) }()
	var got int
	for end := time.Now().Add(10 * time.Second); Ask(ctx, dir, "/double", 21, &got) != nil && time.Now().Before(end); { // it is about to be there
	}
	if got != 42 {
		t.Fatalf("the answer is %d", got)
	}
	if err := Ask(ctx, dir, "/double", -1, &got); errs.CodeOf(err) != errs.Denied || err.Error() != "Not below nothing." || errs.HintOf(err) != "Ask for more." {
		t.Errorf("refused with %v", err)
	}
	if err := Ask(ctx, dir, "/double", strings.Repeat("x", maxCommand), &got); err == nil {
		t.Error("a command as long as that was read")
	}
	if info, err := os.Stat(filepath.Join(dir, Socket)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its rights are %v, %v", info.Mode(), err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := Ask(t.Context(), dir, "/double", 1, &got); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("after its end: %v", err)
	}
}

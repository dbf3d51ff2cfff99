// Package control is how an operator's commands reach a program that is running on a
// folder: a socket in that folder, JSON in and out. Whoever may open the folder may do
// all of this anyway.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// Socket is its name in the folder.
const Socket = "control.sock"

const (
	maxCommand = 512 << 10 // bytes: there may be a list in it
	maxAnswer  = 1 << 20   // bytes: likewise
	within     = 20 * time.Second
)

// Serve answers commands until ctx ends. Nobody else may be running on the folder.
// Errors: unavailable.
func Serve(ctx context.Context, dir string, commands http.Handler) error {
	path := filepath.Join(dir, Socket)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err // of a program that died
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, "The socket for commands cannot be made.", "Choose a data folder with a shorter path.")
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, l.Close())
	}
	h := &http.Server{Handler: commands, ReadTimeout: within, WriteTimeout: within}
	stop := context.AfterFunc(ctx, func() { _ = h.Close() })
	defer stop()
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// problem is a refusal on its way to the command line.
type problem struct {
	Code    errs.Code `json:"code"`
	Message string    `json:"message"`
	Hint    string    `json:"hint,omitempty"`
}

// Answer makes a command of a function.
func Answer[In, Out any](do func(context.Context, In) (Out, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in In
		var out any
		err := json.NewDecoder(io.LimitReader(r.Body, maxCommand)).Decode(&in)
		if err == nil {
			out, err = do(r.Context(), in)
		}
		if err != nil {
			w.WriteHeader(http.StatusUnprocessableEntity)
			out = problem{errs.CodeOf(err), err.Error(), errs.HintOf(err)}
		}
		_ = json.NewEncoder(w).Encode(out) // the command has gone if it cannot read
	}
}

// Ask sends a command to the program that runs on a data folder. Errors:
// unavailable when none does, and whatever it refuses with.
func Ask(ctx context.Context, dir, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return AskLong(ctx, dir, path, in, out)
}

// AskLong is Ask for what may take as long as ctx lets it.
func AskLong(ctx context.Context, dir, path string, in, out any) error {
	socket := filepath.Join(dir, Socket)
	client := http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	defer client.CloseIdleConnections()
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://control"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return errs.Wrap(err, errs.Unavailable, fmt.Sprintf("Nothing is running on %s.", dir), "Start the server with bellkeep serve, or name the data folder of the one that runs.")
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotFound {
		return errs.New(errs.NotFound, fmt.Sprintf("What is running on %s takes no such command.", dir), "Is it the folder of another program, or does an older one run there?")
	}
	decoder := json.NewDecoder(io.LimitReader(response.Body, maxAnswer))
	if response.StatusCode != http.StatusOK {
		var p problem
		if err := decoder.Decode(&p); err != nil {
			return err
		}
		return errs.New(p.Code, p.Message, p.Hint)
	}
	return decoder.Decode(out)
}

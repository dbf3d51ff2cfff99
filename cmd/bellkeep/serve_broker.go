package main

import (
	"net"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/server"
)

// brokerFile is the part of the server's file about a broker that is a program of
// its own.
type brokerFile struct {
	Folder  config.Value[string]   `yaml:"folder"`
	Connect config.Value[string]   `yaml:"connect"`
	Reload  []config.Value[string] `yaml:"reload"`
}

func (f brokerFile) read(path string, faults *config.Faults) *server.External {
	if !filepath.IsAbs(f.Folder.V) {
		faults.Add(path, f.Folder.Line, "broker: folder: %q is not a whole path like /etc/mosquitto/bellkeep", f.Folder.V)
	}
	if _, _, err := net.SplitHostPort(f.Connect.V); err != nil {
		faults.Add(path, f.Connect.Line, "broker: connect: %q is not an address like bellkeep.school.example:8883", f.Connect.V)
	}
	e := &server.External{Dir: f.Folder.V, Connect: f.Connect.V}
	for _, word := range f.Reload {
		e.Reload = append(e.Reload, word.V)
	}
	if len(e.Reload) == 0 {
		faults.Add(path, f.Folder.Line, "broker: reload: is missing; without it nobody who joins or is revoked is known to the broker")
	}
	return e
}

package main

import (
	"net"
	"os"
	"os/exec"
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
	f.checkFolder(path, faults)
	if host, port, err := net.SplitHostPort(f.Connect.V); err != nil || host == "" || port == "" || port == "0" {
		faults.Add(path, f.Connect.Line, "broker: connect: %q is not an address like bellkeep.school.example:8883, at which this server reaches Mosquitto", f.Connect.V)
	}
	e := &server.External{Dir: f.Folder.V, Connect: f.Connect.V}
	for _, word := range f.Reload {
		e.Reload = append(e.Reload, word.V)
	}
	f.checkReload(path, faults)
	return e
}

// checkFolder refuses a folder into which the broker's files could not be written:
// a server that starts and then admits nobody is harder to understand.
func (f brokerFile) checkFolder(path string, faults *config.Faults) {
	if !filepath.IsAbs(f.Folder.V) {
		faults.Add(path, f.Folder.Line, "broker: folder: %q is not a whole path like /etc/mosquitto/bellkeep", f.Folder.V)
		return
	}
	if info, err := os.Stat(f.Folder.V); err != nil || !info.IsDir() {
		faults.Add(path, f.Folder.Line, "broker: folder: there is no folder %s; make it, for this server to write and for Mosquitto's group to read", f.Folder.V)
		return
	}
	try, err := os.CreateTemp(f.Folder.V, ".bellkeep-*")
	if err != nil {
		faults.Add(path, f.Folder.Line, "broker: folder: this server may not write into %s; let it, and Mosquitto's group read", f.Folder.V)
		return
	}
	_ = try.Close() // nothing was written
	_ = os.Remove(try.Name())
}

// checkReload refuses a command that could not be run when somebody is revoked.
func (f brokerFile) checkReload(path string, faults *config.Faults) {
	if len(f.Reload) == 0 {
		faults.Add(path, f.Folder.Line, "broker: reload: is missing; without it nobody who joins or is revoked is known to the broker: say for example [systemctl, reload, mosquitto]")
		return
	}
	if program := f.Reload[0]; !runs(program.V) {
		faults.Add(path, program.Line, "broker: reload: there is no program %q on this computer; name one that has Mosquitto read its files again", program.V)
	}
}

func runs(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

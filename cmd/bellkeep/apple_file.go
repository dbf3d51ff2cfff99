package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net"
	"net/url"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/mdm/apple"
	"github.com/bellkeep/bellkeep/mdm/apple/enrol"
	"github.com/bellkeep/bellkeep/mdm/apple/gateway"
)

// appleFile is what a file says of the gateway to iPads.
type appleFile struct {
	reachFile `yaml:",inline"`     // whose url can never change
	Root      config.Value[string] `yaml:"root"`     // PEM of the school's own authority that vouches for url; left out for a public one
	School    config.Value[string] `yaml:"school"`   // its name, as devices show it; left out in the school's own file
	Seal      config.Value[string] `yaml:"seal_key"` // left out for a file in a folder beside data
}

// appleOptions is it, checked.
type appleOptions struct {
	gateway.Config // without what the process adds
	url            string
	listen         string
	sealKey        string
	school         string
	secure         *tls.Config // nil behind a web server
	root           []byte      // DER; nil for a public authority

	trusted func() bool // whether school time is to be trusted; nil for by the machine's clock
	control string      // folder in which the terminal's commands are answered; "" for none

	opened func(*ipadGateway) // told of the gateway once it is open; nil for nobody
}

// read checks the part of a file.
func (f appleFile) read(path string, faults *config.Faults) *appleOptions {
	o := &appleOptions{url: f.URL.V, listen: f.Listen.V, sealKey: f.Seal.V, school: f.School.V}
	o.ID = apple.Platform
	if u, err := url.Parse(f.URL.V); err != nil || u.Host == "" || u.Scheme != "https" || net.ParseIP(u.Hostname()) != nil {
		faults.Add(path, f.URL.Line, "apple: url: %q is not an https address with a name that the school owns; enrolled devices keep it for ever", f.URL.V)
	}
	o.secure = f.readTLS(path, "apple", faults)
	if f.Root.V != "" {
		o.root = readRoot(path, f.Root, faults)
	}
	return o
}

// readRoot reads the certificate of an authority.
func readRoot(path string, v config.Value[string], faults *config.Faults) []byte {
	text, err := durable.ReadFile(v.V, enrol.MaxUpload)
	block, _ := pem.Decode(text)
	if err != nil || block == nil {
		faults.Add(path, v.Line, "apple: root: %q is no certificate (PEM) that can be read", v.V)
		return nil
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !cert.IsCA {
		faults.Add(path, v.Line, "apple: root: %q is not the certificate of an authority", v.V)
		return nil
	}
	return cert.Raw
}

// in says where the gateway keeps its devices, and the key of what is sealed there: not
// in the same folder, which may be copied.
func (o *appleOptions) in(data string) {
	o.Dir = filepath.Join(data, apple.Platform)
	if o.sealKey == "" {
		o.sealKey = sealKeyOf(data)
	}
}

// sealKeyOf is the file of the key where a data folder's iPads name no other.
func sealKeyOf(data string) string {
	return filepath.Join(filepath.Clean(data)+"-ipads", "seal-key")
}

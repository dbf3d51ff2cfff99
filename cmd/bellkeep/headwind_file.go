package main

import (
	"bytes"
	"crypto/tls"
	"net/url"
	"os"
	"path/filepath"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/mdm/headwind"
)

// headwindFile is what a file says of the gateway to phones with the stock
// Headwind agent.
type headwindFile struct {
	reachFile `yaml:",inline"`
	MQTT      config.Value[string] `yaml:"mqtt"` // port 31000, as built into the agent; left out where phones poll
	APK       config.Value[string] `yaml:"apk"`
	PathKey   config.Value[string] `yaml:"path_key_file"`
	Secret    config.Value[string] `yaml:"secret_file"` // built into the school's own agent; left out for the published one
	WiFi      *struct {
		SSID     config.Value[string] `yaml:"ssid"`
		Password config.Value[string] `yaml:"password_file"`
	} `yaml:"wifi"`
}

// headwindOptions is it, checked.
type headwindOptions struct {
	headwind.Config // without what the process adds
	url             string
	listen, mqtt    string
	secure          *tls.Config // nil behind a web server
	wifi            headwind.WiFi
	checksum        string
}

// read checks the part of a file.
func (f headwindFile) read(path string, faults *config.Faults) *headwindOptions {
	o := &headwindOptions{url: f.URL.V, listen: f.Listen.V, mqtt: f.MQTT.V}
	o.ID, o.APK, o.Push = headwind.Platform, f.APK.V, headwind.ByPoll
	if u, err := url.Parse(f.URL.V); err != nil || u.Host == "" || u.Scheme != "https" && !isLoopback(u.Hostname()) {
		faults.Add(path, f.URL.Line, "headwind: url: %q is not an https address, as phones reach the gateway", f.URL.V)
	}
	hostOf(path, "headwind: mqtt", "0.0.0.0:31000", f.MQTT, faults)
	if o.mqtt != "" {
		o.Push = headwind.ByMQTT
	}
	o.secure = f.readTLS(path, "headwind", faults)
	var err error
	if o.checksum, err = headwind.Checksum(f.APK.V); err != nil {
		faults.Add(path, f.APK.Line, "headwind: apk: the agent's file %q cannot be read", f.APK.V)
	}
	o.Config.Key = readSecret(path, "path_key_file", f.PathKey, faults)
	if f.PathKey.V != "" && len(o.Config.Key) < headwind.MinKey {
		faults.Add(path, f.PathKey.Line, "headwind: path_key_file: the key has fewer than %d bytes; make one with: openssl rand -hex 32", headwind.MinKey)
	}
	if f.PathKey.V == "" {
		faults.Add(path, f.URL.Line, "headwind: path_key_file: is missing; make one with: openssl rand -hex 32")
	}
	if f.Secret.V != "" {
		o.Secret, o.MustSign = headwind.Secret(readSecret(path, "secret_file", f.Secret, faults)), true
	}
	if f.WiFi != nil {
		o.wifi = headwind.WiFi{SSID: f.WiFi.SSID.V, Password: string(readSecret(path, "wifi: password_file", f.WiFi.Password, faults))}
	}
	return o
}

// readSecret reads a file that holds one line.
func readSecret(path, key string, v config.Value[string], faults *config.Faults) []byte {
	if v.V == "" {
		return nil
	}
	b, err := os.ReadFile(v.V)
	if err != nil {
		faults.Add(path, v.Line, "headwind: %s: the file cannot be read: %v", key, err)
	}
	return bytes.TrimSpace(b)
}

// code is what a phone is set up with.
func (o *headwindOptions) code(phone string) headwind.Provisioning {
	return headwind.Provisioning{Base: o.url, Number: phone, Project: o.Config.Key.Project(phone), Checksum: o.checksum, WiFi: o.wifi}
}

// in says where the gateway keeps its phones.
func (o *headwindOptions) in(data string) { o.Dir = filepath.Join(data, headwind.Platform) }

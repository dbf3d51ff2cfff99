package smtp

import (
	"bytes"
	"crypto/x509"
	"net/mail"
	"os"
	"regexp"
	"strings"
	"unicode"

	"github.com/bellkeep/bellkeep/internal/config"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/notify"
)

// The ways to a secure line. There is no third.
const (
	startTLS = "starttls" // RFC 3207: a plain greeting, then TLS before anything else
	implicit = "implicit" // RFC 8314: TLS from the first byte
)

const (
	maxPassword = 1 << 10 // bytes of its file
	maxCA       = 1 << 20
)

var (
	hostForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$`)
	userForm = regexp.MustCompile(`^[!-~]([ -~]{0,253}[!-~])?$`)
)

// Config says how to reach a school's mail server:
//
//	smtp:
//	  host: smtp.school.example
//	  port: 587                # left out: 587 for starttls, 465 for implicit
//	  tls: starttls            # or implicit
//	  user: bellkeep@school.example
//	  password_file: /etc/bellkeep/smtp-password
//	  from: Elmfield Academy <office@school.example>
//	  ca: /etc/bellkeep/smtp-ca.pem # left out: the authorities this machine trusts
//
// Without user and password_file the server has to know this machine.
type Config struct {
	Host         config.Value[string] `yaml:"host"`
	Port         config.Value[int]    `yaml:"port"`
	TLS          config.Value[string] `yaml:"tls"`
	User         config.Value[string] `yaml:"user"`
	PasswordFile config.Value[string] `yaml:"password_file"`
	From         config.Value[string] `yaml:"from"`
	CA           config.Value[string] `yaml:"ca"`
}

// Validate notes everything wrong with c, and with the files it names, as faults
// of file.
func (c Config) Validate(file string, faults *config.Faults) { c.read(file, faults) }

// settings is a Config, checked and with its files read.
type settings struct {
	host, tls      string
	port           int
	user, password string
	from           mail.Address
	roots          *x509.CertPool // nil: the system's
}

func (c Config) read(file string, faults *config.Faults) settings {
	s := settings{host: c.Host.V, port: c.Port.V, tls: c.TLS.V, user: c.User.V}
	fault := func(bad bool, line int, format string, args ...any) {
		if bad {
			faults.Add(file, line, format, args...)
		}
	}
	fault(!hostForm.MatchString(s.host), c.Host.Line, "smtp host: %.40q is not the name of a server", s.host)
	fault(s.tls != startTLS && s.tls != implicit, c.TLS.Line, "smtp tls: say starttls or implicit; e-mail is never sent in the clear")
	if s.port == 0 {
		s.port = map[string]int{startTLS: 587, implicit: 465}[s.tls]
	}
	fault(s.port < 0 || s.port > 65535, c.Port.Line, "smtp port: %d is no port", s.port)
	from, err := mail.ParseAddress(c.From.V)
	fault(err != nil || !notify.ValidAddress(from.Address) || strings.ContainsFunc(from.Name, unicode.IsControl), c.From.Line, "smtp from: write it like office@school.example, or Elmfield Academy <office@school.example>")
	if err == nil {
		s.from = *from
	}
	fault((s.user == "") != (c.PasswordFile.V == ""), max(c.User.Line, c.PasswordFile.Line), "smtp user and password_file: give both, or neither")
	fault(s.user != "" && !userForm.MatchString(s.user), c.User.Line, "smtp user: use 1 to 255 printable ASCII characters")
	if c.PasswordFile.V != "" {
		s.password = readPassword(c.PasswordFile, file, faults)
	}
	if c.CA.V != "" {
		s.roots = readCA(c.CA, file, faults)
	}
	return s
}

// readPassword reads a file of one line that others may not read.
func readPassword(path config.Value[string], file string, faults *config.Faults) string {
	data, err := durable.ReadFile(path.V, maxPassword)
	if err != nil {
		faults.Add(file, path.Line, "smtp password_file: %v", err)
		return ""
	}
	if info, err := os.Stat(path.V); err == nil && info.Mode().Perm()&0o007 != 0 {
		faults.Add(file, path.Line, "smtp password_file: every user of this machine can reach it; run: chmod o= %s", path.V)
	}
	data = bytes.TrimRight(data, "\r\n")
	if len(data) == 0 || bytes.ContainsAny(data, "\r\n\x00") {
		faults.Add(file, path.Line, "smtp password_file: it must hold one line")
	}
	return string(data)
}

func readCA(path config.Value[string], file string, faults *config.Faults) *x509.CertPool {
	data, err := durable.ReadFile(path.V, maxCA)
	if err != nil {
		faults.Add(file, path.Line, "smtp ca: %v", err)
		return nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(data) {
		faults.Add(file, path.Line, "smtp ca: there is no certificate in it")
	}
	return roots
}

package bus

import (
	"regexp"
	"time"
)

// ConnectsTopic is where Mosquitto tells, besides other things, who connects. One
// line of its log is one message, as in
//
//	1795337647: New client connected from 192.168.7.20:40312 as tab-1 (p2, c1, k60, u'tab-1').
//
// The address is the other side's, the id is the common name of the certificate.
const ConnectsTopic = "$SYS/broker/log/N"

var connected = regexp.MustCompile(`^(?:\d{1,20}: )?New client connected from \S{1,64} as ([a-z0-9-]{1,64}) \(p\d`)

// Connects counts in Mosquitto's log how often each client connects. It is for one
// goroutine.
type Connects struct{ pace *pacer }

// NewConnects allows each client limit connections in a minute; 0 means 60.
func NewConnects(limit int) *Connects { return &Connects{newPacer(orElse(limit, maxConnects))} }

// Take counts a line of the log at now, machine time. It gives the client that has
// just connected too often, once in its minute, or nothing.
func (c *Connects) Take(line []byte, now time.Time) (client string, tooOften bool) {
	found := connected.FindSubmatch(line)
	if found == nil {
		return "", false
	}
	client = string(found[1])
	_, tooOften = c.pace.admit(client, now)
	return client, tooOften
}

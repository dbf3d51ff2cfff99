package double

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/smallstep/pkcs7"
)

// SchoolManager is Apple School Manager as a device management service sees it: an
// http.Handler that gives the devices of one server, a few at a time, and has a profile
// assigned to those that are the school's.
type SchoolManager struct {
	Org      string
	PerPage  int             // devices in one answer
	Foreign  map[string]bool // serial numbers given to another server meanwhile
	Devices  []string        // serial numbers, in the order given
	mu       sync.Mutex
	denies   bool
	profile  map[string]any
	defined  int
	assigned map[string]string // profile by serial number
}

const (
	managed     = "P-1" // the one profile there is
	consumerKey = "CK"
)

// ServeHTTP answers as mdmenrollment.apple.com does.
func (m *SchoolManager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "GET /session":
		if m.denies || !strings.Contains(r.Header.Get("Authorization"), `oauth_consumer_key="`+consumerKey+`"`) {
			http.Error(w, "oauth_problem_adviced", http.StatusForbidden)
			return
		}
		reply(w, map[string]any{"auth_session_token": "one"})
	case "GET /account":
		reply(w, map[string]any{"org_name": m.Org, "server_name": "Bellkeep"})
	case "POST /server/devices":
		m.page(w, r)
	case "POST /profile":
		m.defined++
		_ = json.NewDecoder(r.Body).Decode(&m.profile) // what it is not, Profile shows
		reply(w, map[string]any{"profile_uuid": managed, "devices": map[string]string{}})
	case "POST /profile/devices", "PUT /profile/devices":
		m.assign(w, r)
	default:
		http.NotFound(w, r)
	}
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF8")
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone
}

// page gives some devices; how long the cursor is says where.
func (m *SchoolManager) page(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Cursor string }
	_ = json.NewDecoder(r.Body).Decode(&asked) // none is the first
	pages := slices.Collect(slices.Chunk(m.Devices, max(1, m.PerPage)))
	n := len(asked.Cursor)
	var list []map[string]any
	if n < len(pages) {
		for _, serial := range pages[n] {
			d := map[string]any{"serial_number": serial, "model": "iPad 10"}
			if p := m.assigned[serial]; p != "" {
				d["profile_uuid"] = p
			}
			list = append(list, d)
		}
	}
	reply(w, map[string]any{"devices": list, "cursor": asked.Cursor + "x", "more_to_follow": n+1 < len(pages), "fetched_until": time.Now().UTC()})
}

func (m *SchoolManager) assign(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Devices []string `json:"devices"`
		UUID    string   `json:"profile_uuid"`
	}
	_ = json.NewDecoder(r.Body).Decode(&asked) // nothing assigns nothing
	said := map[string]string{}
	for _, serial := range asked.Devices {
		if m.Foreign[serial] || asked.UUID != managed || !slices.Contains(m.Devices, serial) {
			said[serial] = "NOT_ACCESSIBLE"
			continue
		}
		if m.assigned == nil {
			m.assigned = map[string]string{}
		}
		m.assigned[serial], said[serial] = asked.UUID, "SUCCESS"
	}
	reply(w, map[string]any{"profile_uuid": asked.UUID, "devices": said})
}

// Profile is the one that was defined last, and how often one was.
func (m *SchoolManager) Profile() (p map[string]any, times int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.profile), m.defined
}

// Assigned are the serial numbers with a profile, sorted.
func (m *SchoolManager) Assigned() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.assigned))
}

// Deny has it take no token any more, or take them again.
func (m *SchoolManager) Deny(yes bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.denies = yes
}

// Token is a server token as it is downloaded, sealed to a server's public key, a
// certificate in PEM.
func (m *SchoolManager) Token(public []byte, until time.Time) ([]byte, error) {
	block, _ := pem.Decode(public)
	if block == nil {
		return nil, errors.New("that is no certificate")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	inner := fmt.Sprintf("Content-Type: text/plain\r\n\r\n-----BEGIN MESSAGE-----\n"+
		`{"consumer_key":%q,"consumer_secret":"CS","access_token":"AT","access_secret":"AS","access_token_expiry":%q}`+"\n-----END MESSAGE-----\n", consumerKey, until.Format(time.RFC3339))
	sealed, err := pkcs7.Encrypt([]byte(inner), []*x509.Certificate{cert})
	if err != nil {
		return nil, err
	}
	return []byte("Content-Type: application/pkcs7-mime\r\n\r\n" + base64.StdEncoding.EncodeToString(sealed) + "\r\n.\r\n"), nil
}

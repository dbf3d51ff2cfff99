// Package double is a phone with the stock Headwind agent, as its protocol is known
// from outside. It shares no code with the gateway, so that both cannot
// make the same mistake, and keeps count of what a school would mind: the times
// at which a phone was free because it was told to fetch something.
package double

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
)

// Phone is one phone. Its exported fields are set before it is used.
type Phone struct {
	Secret  string // built into its agent
	Check   bool   // the agent checks signatures, as one built for a school does
	Locked  bool   // its user has not unlocked it since it was set up, so no passcode can be set from afar
	Unowned bool   // the agent has not the right to wipe it
	Client  *http.Client
	MQTT    string // address of the pager

	number, base, project string

	mu           sync.Mutex
	fetchedOnce  bool
	config       map[string]any
	restrictions map[string]bool // in force now
	lifted       int             // times they were lifted
	asked        bool            // it was sent to "enter device id"
	passcode     string          // given from afar
	resets       int             // times it was
	wiped        int             // times the phone was
}

// Scan makes a phone of the text of its set-up code, as the wizard of a phone that
// was reset does: it fetches the agent and checks it.
func Scan(ctx context.Context, code []byte, client *http.Client) (*Phone, error) {
	var all map[string]any
	if err := json.Unmarshal(code, &all); err != nil {
		return nil, err
	}
	const extra = "android.app.extra.PROVISIONING_"
	if got := all[extra+"DEVICE_ADMIN_COMPONENT_NAME"]; got != "com.hmdm.launcher/com.hmdm.launcher.AdminReceiver" {
		return nil, fmt.Errorf("the code installs %v", got)
	}
	bundle, _ := all[extra+"ADMIN_EXTRAS_BUNDLE"].(map[string]any)
	text := func(key string) string { // what is no text is not there
		s, _ := bundle["com.hmdm."+key].(string)
		return s
	}
	p := &Phone{Client: client, number: text("DEVICE_ID"), base: text("BASE_URL"), project: text("SERVER_PROJECT"), restrictions: map[string]bool{}}
	if p.number == "" || p.base == "" {
		return nil, errors.New("the code names no server or no number")
	}
	if second := text("SECONDARY_BASE_URL"); second != "" && second != p.base {
		return nil, fmt.Errorf("the second server is %s", second)
	}
	location, _ := all[extra+"DEVICE_ADMIN_PACKAGE_DOWNLOAD_LOCATION"].(string)
	status, agent, err := p.do(ctx, http.MethodGet, location, nil, nil)
	if err != nil || status != http.StatusOK {
		return nil, fmt.Errorf("fetching the agent: %d, %w", status, err)
	}
	sum := sha256.Sum256(agent)
	if want := base64.URLEncoding.EncodeToString(sum[:]); all[extra+"DEVICE_ADMIN_PACKAGE_CHECKSUM"] != want {
		return nil, fmt.Errorf("the agent's checksum is %s", want)
	}
	return p, nil
}

// Number is what the phone calls itself.
func (p *Phone) Number() string { return p.number }

// Project is the path it uses.
func (p *Phone) Project() string { return p.project }

// Base is the address of its server.
func (p *Phone) Base() string { return p.base }

// Blocked reports whether a restriction is in force on the phone.
func (p *Phone) Blocked(restriction string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.restrictions[restriction]
}

// Configured gives what the configuration in force says of a field; nil for
// nothing.
func (p *Phone) Configured(field string) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.config[field]
}

// Lifted is how often the phone has lifted its restrictions to be told new ones.
func (p *Phone) Lifted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lifted
}

// Asked reports whether the phone was told that its number is unknown, and now
// asks whoever holds it for another.
func (p *Phone) Asked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

// Update is what the agent does at each call, each start and each boot: it lifts
// its restrictions, fetches the configuration, does and applies what that says, and
// reports in. A phone that wiped itself is set up anew by the next one.
func (p *Phone) Update(ctx context.Context) error {
	before := p.Wiped()
	if err := p.Fetch(ctx); err != nil || p.Wiped() > before {
		return err
	}
	return p.Report(ctx, 80)
}

// Fetch is Update without the report.
func (p *Phone) Fetch(ctx context.Context) error {
	p.mu.Lock()
	first := !p.fetchedOnce
	if !first {
		p.lifted++
	}
	clear(p.restrictions)
	p.mu.Unlock()

	config, err := p.configuration(ctx, first)
	p.mu.Lock()
	if err == nil {
		p.config, p.fetchedOnce = config, true
	}
	offline := errors.As(err, new(*url.Error))
	p.mu.Unlock()
	if err == nil || offline {
		p.obey(ctx)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lockRestrictions() // what it was told last is in force again, whether or not that is news
	return err
}

// do makes one request. A whole answer is read.
func (p *Phone) do(ctx context.Context, method, address string, header http.Header, body io.Reader) (int, []byte, error) {
	status, _, b, err := p.exchange(ctx, method, address, header, body)
	return status, b, err
}

func (p *Phone) exchange(ctx context.Context, method, address string, header http.Header, body io.Reader) (int, http.Header, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return 0, nil, nil, err
	}
	for key, values := range header {
		r.Header[key] = values
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := p.Client.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, 64<<20))
	return answer.StatusCode, answer.Header, b, err
}

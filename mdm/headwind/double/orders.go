package double

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// obey does what the configuration in force orders: the agent looks at it after each
// update, and after one that found no network too.
func (p *Phone) obey(ctx context.Context) {
	config := p.ordered()
	if config.FactoryReset {
		if err := p.confirm(ctx, "", map[string]any{"deviceId": p.number, "factoryReset": !p.Unowned}); err == nil && !p.Unowned {
			p.wipe()
			return
		}
	}
	if config.PasswordReset != nil {
		p.mu.Lock()
		if !p.Locked { // with its token, which works once the user has unlocked the phone
			p.passcode, p.resets = *config.PasswordReset, p.resets+1
		}
		p.mu.Unlock()
		_ = p.Confirm(ctx, "/password") // said whether or not it worked, and nobody reads the answer
	}
}

// orders are the members that make a phone do something.
type orders struct {
	FactoryReset  bool
	Lock          bool
	LockMessage   string
	PasswordReset *string
}

func (p *Phone) ordered() (o orders) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, err := json.Marshal(p.config)
	if err == nil {
		err = json.Unmarshal(b, &o)
	}
	if err != nil {
		panic(err) // it was JSON when it came
	}
	return o
}

// wipe leaves a phone as its maker made it.
func (p *Phone) wipe() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.config, p.fetchedOnce, p.passcode, p.wiped = nil, false, "", p.wiped+1
	clear(p.restrictions)
}

// Confirm asks whether the phone may do something grave: "", "/reboot"; or says that
// it tried to: "/password".
func (p *Phone) Confirm(ctx context.Context, what string) error {
	return p.confirm(ctx, what, map[string]any{"deviceId": p.number})
}

func (p *Phone) confirm(ctx context.Context, what string, info map[string]any) error {
	body, err := json.Marshal(info)
	if err != nil {
		return err
	}
	return p.ok(ctx, http.MethodPost, "/rest/plugins/devicereset/public"+what+"/"+p.number, string(body))
}

// Covered reports whether the phone's home screen is covered, and by which text.
func (p *Phone) Covered() (text string, covered bool) {
	o := p.ordered()
	return o.LockMessage, o.Lock
}

// Passcode is the one the phone was last given from afar, and how often it was.
func (p *Phone) Passcode() (passcode string, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passcode, p.resets
}

// Wiped is how often the phone was wiped.
func (p *Phone) Wiped() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.wiped
}

// lockRestrictions puts those of the configuration in force; for callers that hold mu.
func (p *Phone) lockRestrictions() {
	list, _ := p.config["restrictions"].(string)
	for key := range strings.SplitSeq(list, ",") {
		if key != "" {
			p.restrictions[key] = true
		}
	}
}

package double

import (
	"context"
	"crypto/sha1"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// ErrUnknown is an agent's number that its server does not know.
var ErrUnknown = errors.New("error.notfound.device")

// path is an address below the phone's project.
func (p *Phone) path(rest string) string {
	if p.project == "" {
		return p.base + rest
	}
	return p.base + "/" + p.project + rest
}

func signature(text string) string { return strings.ToUpper(fmt.Sprintf("%x", sha1.Sum([]byte(text)))) }

// configuration fetches it: with POST as long as the phone has none.
func (p *Phone) configuration(ctx context.Context, first bool) (map[string]any, error) {
	method, body := http.MethodGet, ""
	if first {
		method, body = http.MethodPost, `{"customer":null,"configuration":null,"groups":null,"groupSet":null}`
	}
	header := http.Header{"X-Request-Signature": {signature(p.Secret + p.number)}, "X-Cpu-Arch": {"arm64-v8a"}}
	status, answered, text, err := p.exchange(ctx, method, p.path("/rest/public/sync/configuration/"+url.PathEscape(p.number)), header, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("status %d", status)
	}
	if p.Check {
		if err := p.check(answered.Get("X-Response-Signature"), string(text)); err != nil {
			return nil, err
		}
	}
	var envelope struct {
		Status  string
		Message string
		Data    map[string]any
	}
	if err := json.Unmarshal(text, &envelope); err != nil {
		return nil, err
	}
	switch {
	case envelope.Message == ErrUnknown.Error():
		p.mu.Lock()
		p.asked = true
		p.mu.Unlock()
		return nil, ErrUnknown
	case envelope.Status != "OK" || envelope.Data == nil:
		return nil, fmt.Errorf("the server says %s %s", envelope.Status, envelope.Message)
	}
	return envelope.Data, nil
}

var space = regexp.MustCompile(`\s`)

// check cuts the data out of an answer as the agent does, from after "data": to
// before the last byte, and holds it against the signature byte for byte.
func (p *Phone) check(given, text string) error {
	const mark = `"data":`
	at := strings.Index(text, mark)
	if at < 0 {
		return errors.New("the answer has no data")
	}
	data := text[at+len(mark) : len(text)-1]
	if want := signature(p.Secret + space.ReplaceAllString(data, "")); given != want {
		return fmt.Errorf("the answer is signed %q, not %q", given, want)
	}
	return nil
}

// Report sends what the agent knows of the phone, which is more than anybody
// should.
func (p *Phone) Report(ctx context.Context, battery int) error {
	return p.Info(ctx, map[string]any{"model": "Pixel 7a", "deviceId": p.number, "batteryLevel": battery, "mdmMode": true, "imei": "356938035643809", "phone": "+447700900123",
		"location": map[string]any{"lat": 51.2, "lon": 1.4}, "permissions": []int{1, 1, 1}, "applications": []any{map[string]any{"pkg": "com.hmdm.launcher"}}, "files": []any{}})
}

// Info sends a report as it stands.
func (p *Phone) Info(ctx context.Context, info map[string]any) error {
	body, err := json.Marshal(info)
	if err != nil {
		return err
	}
	return p.ok(ctx, http.MethodPost, "/rest/public/sync/info", string(body))
}

// Logs asks which lines of its log to send, and sends some.
func (p *Phone) Logs(ctx context.Context) error {
	return errors.Join(p.ok(ctx, http.MethodGet, "/rest/plugins/devicelog/log/rules/"+p.number, ""),
		p.ok(ctx, http.MethodPost, "/rest/plugins/devicelog/log/list/"+p.number, `[{"timestamp":1,"logLevel":1,"packageId":"x","message":"y"}]`))
}

func (p *Phone) ok(ctx context.Context, method, rest, body string) error {
	status, text, err := p.do(ctx, method, p.path(rest), nil, strings.NewReader(body))
	if err != nil {
		return err
	}
	var envelope struct{ Status, Message string }
	if err := json.Unmarshal(text, &envelope); err != nil || status != http.StatusOK || envelope.Status != "OK" {
		return fmt.Errorf("%s: %d %s", rest, status, text)
	}
	return nil
}

// Poll waits for a call, and reports whether there is something to fetch.
func (p *Phone) Poll(ctx context.Context) (bool, error) {
	header := http.Header{"X-Request-Signature": {signature(p.Secret + p.project + "/rest/notification/polling/" + url.QueryEscape(p.number))}}
	return p.notifications(ctx, "/rest/notification/polling/"+p.number, header)
}

// Look asks without waiting, as it does every 15 minutes.
func (p *Phone) Look(ctx context.Context) (bool, error) {
	return p.notifications(ctx, "/rest/notifications/device/"+p.number, nil)
}

func (p *Phone) notifications(ctx context.Context, rest string, header http.Header) (bool, error) {
	status, text, err := p.do(ctx, http.MethodGet, p.path(rest), header, nil)
	if err != nil {
		return false, err
	}
	var envelope struct {
		Status string
		Data   []struct {
			MessageType string
			Payload     *string
		}
	}
	if err := json.Unmarshal(text, &envelope); err != nil || status != http.StatusOK || envelope.Status != "OK" {
		return false, fmt.Errorf("%d %s", status, text)
	}
	for _, m := range envelope.Data {
		if m.MessageType != "configUpdated" {
			return false, fmt.Errorf("a message of type %s", m.MessageType)
		}
	}
	return len(envelope.Data) > 0, nil
}

package headwind

import (
	"encoding/json"
	"fmt"

	"github.com/bellkeep/bellkeep/mdm"
)

// deviceInfo is what is read of a phone's report. The rest (apps, files, numbers
// of the line and the phone, its place) is passed over and kept nowhere.
type deviceInfo struct {
	DeviceID     string `json:"deviceId"`
	Model        string `json:"model"`
	BatteryLevel int    `json:"batteryLevel"` // per cent
	MDMMode      *bool  `json:"mdmMode"`      // the agent owns the phone
	FactoryReset *bool  `json:"factoryReset"` // when it asks for leave to wipe itself: whether it could
}

// parseInfo reads a report. Errors: that of its JSON.
func parseInfo(body []byte) (deviceInfo, error) {
	var i deviceInfo
	if err := json.Unmarshal(body, &i); err != nil {
		return deviceInfo{}, err
	}
	i.Model = mdm.Cut(i.Model)
	i.BatteryLevel = min(max(i.BatteryLevel, 0), 100)
	return i, nil
}

// back takes a report in and gives what it tells the school of, "" for nothing.
func (p *phone) back(i deviceInfo) (kind, detail string) {
	p.took.Back = true
	was, unowned := p.battery, p.unowned
	p.model, p.battery, p.unowned = i.Model, i.BatteryLevel, i.MDMMode != nil && !*i.MDMMode
	switch {
	case p.unowned && !unowned:
		return "tamper", "the agent does not own the phone"
	case i.BatteryLevel > 0 && i.BatteryLevel <= lowBattery && (was == 0 || was > lowBattery):
		return "battery", fmt.Sprintf("%d %%", i.BatteryLevel)
	}
	return "", ""
}

package double

import (
	"bytes"
	"slices"
	"time"

	"github.com/micromdm/plist"
)

// whileLocked are the commands that a locked device puts off.
var whileLocked = []string{"InstallProfile", "RemoveProfile", "ProfileList", "SecurityInfo"}

// overSupervised are those that only a supervised device obeys.
var overSupervised = []string{"EnableLostMode", "DisableLostMode", "DeviceLocation", "PlayLostModeSound", "RestartDevice", "ShutDownDevice"}

// obey does what a command says and gives the answer.
func (d *Device) obey(command map[string]any) map[string]any {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, _ := command["Command"].(map[string]any)
	kind, _ := c["RequestType"].(string)
	d.did = append(d.did, kind)
	answer := map[string]any{"UDID": d.UDID, "CommandUUID": command["CommandUUID"], "Status": "Acknowledged"}
	if d.locked && slices.Contains(whileLocked, kind) {
		answer["Status"] = "NotNow"
		return answer
	}
	d.expire()
	why := "this command takes supervision"
	if d.Supervised || !slices.Contains(overSupervised, kind) {
		why = d.do(kind, c, answer)
	}
	if why != "" {
		d.refused = append(d.refused, kind)
		answer["Status"], answer["ErrorChain"] = "Error", chain(why)
	}
	return answer
}

func chain(why string) []any {
	return []any{map[string]any{"ErrorCode": 12021, "ErrorDomain": "MCMDMErrorDomain", "LocalizedDescription": why, "USEnglishDescription": why}}
}

// do carries a command out and says why it cannot; "" for done.
func (d *Device) do(kind string, c, answer map[string]any) string {
	switch kind {
	case "InstallProfile":
		return d.install(c["Payload"])
	case "RemoveProfile":
		return d.remove(c["Identifier"])
	case "ProfileList":
		answer["ProfileList"] = d.list()
	case "DeviceInformation":
		answer["QueryResponses"] = d.information(c["Queries"])
	case "SecurityInfo":
		answer["SecurityInfo"] = d.security()
	case "Settings":
		answer["Settings"] = d.settings(c["Settings"])
	case "EnableLostMode":
		text, _ := c["Message"].(string)
		phone, _ := c["PhoneNumber"].(string)
		if text+phone == "" {
			return "a message or phone number is needed"
		}
		d.state.lost = text + phone
	case "DisableLostMode":
		d.state.lost = ""
	case "DeviceLocation":
		if d.state.lost == "" {
			return "not in lost mode"
		}
		answer["Latitude"], answer["Longitude"], answer["HorizontalAccuracy"] = 51.5, -0.12, 30.0
		answer["Timestamp"] = d.Now().UTC()
	case "ClearPasscode":
		token, _ := c["UnlockToken"].([]byte)
		if d.unlockToken == nil || !bytes.Equal(token, d.unlockToken) {
			return "the unlock token is not this device's"
		}
		d.state.passcode, d.locked = 0, false
	case "EraseDevice":
		d.state, d.unlockToken, d.locked = newState(0), nil, false
		d.erased++
	case "DeviceLock", "PlayLostModeSound", "RestartDevice", "ShutDownDevice":
	default:
		return kind + " is no command"
	}
	return ""
}

func (d *Device) install(payload any) string {
	raw, _ := payload.([]byte)
	var p map[string]any
	if err := plist.Unmarshal(raw, &p); err != nil {
		return "the profile cannot be read"
	}
	id, _ := p["PayloadIdentifier"].(string)
	uuid, _ := p["PayloadUUID"].(string)
	name, _ := p["PayloadDisplayName"].(string)
	if id == "" || uuid == "" || p["PayloadType"] != "Configuration" {
		return "the profile has no identifier, version or type"
	}
	n := installed{uuid: uuid, name: name}
	content, _ := p["PayloadContent"].([]any)
	for _, each := range content {
		payload, _ := each.(map[string]any)
		if payload["PayloadIdentifier"] == nil || payload["PayloadUUID"] == nil || payload["PayloadVersion"] == nil {
			return "a payload has no identifier or version"
		}
		if payload["PayloadType"] == "com.apple.webcontent-filter" && !d.Supervised {
			return "a web filter takes supervision"
		}
		n.payloads = append(n.payloads, payload)
	}
	if ends, ok := p["RemovalDate"].(time.Time); ok {
		n.ends = ends
	}
	d.state.profiles[id], d.installed = n, uuid
	return ""
}

func (d *Device) remove(identifier any) string {
	id, _ := identifier.(string)
	if _, ok := d.state.profiles[id]; !ok {
		return "there is no such profile"
	}
	delete(d.state.profiles, id)
	return ""
}

func (d *Device) list() []any {
	all := []any{map[string]any{"PayloadIdentifier": "org.example.enrolment", "PayloadUUID": "E", "PayloadVersion": 1, "PayloadDisplayName": "Enrolment", "IsManaged": true}}
	for id, p := range d.state.profiles {
		all = append(all, map[string]any{"PayloadIdentifier": id, "PayloadUUID": p.uuid, "PayloadVersion": 1, "PayloadDisplayName": p.name, "IsManaged": true})
	}
	return all
}

func (d *Device) information(queries any) map[string]any {
	all := map[string]any{
		"UDID": d.UDID, "SerialNumber": d.Serial, "OSVersion": d.OS, "ProductName": d.Model, "Model": "MW792B", "ModelName": "iPad", "DeviceName": "iPad",
		"IsSupervised": d.Supervised, "BatteryLevel": d.state.battery, "IsMDMLostModeEnabled": d.state.lost != "", "IsMultiUser": false, "BuildVersion": "22B83",
	}
	said := map[string]any{}
	list, _ := queries.([]any)
	for _, q := range list {
		name, _ := q.(string)
		if v, ok := all[name]; ok {
			said[name] = v
		}
	}
	return said
}

func (d *Device) security() map[string]any {
	force, length, _ := d.passcodeRule()
	fine := !force || d.state.passcode > 0 && uint64(d.state.passcode) >= length
	return map[string]any{"HardwareEncryptionCaps": 3, "PasscodePresent": d.state.passcode > 0, "PasscodeCompliant": fine, "PasscodeCompliantWithProfiles": fine}
}

// settings answers each item for itself: the command as a whole is acknowledged
// whatever becomes of them.
func (d *Device) settings(items any) []any {
	var said []any
	list, _ := items.([]any)
	for _, each := range list {
		item, _ := each.(map[string]any)
		answer := map[string]any{"Item": item["Item"], "Status": "Acknowledged"}
		on, ok := item["Enabled"].(bool)
		switch {
		case item["Item"] != "Bluetooth" || !ok:
			answer["Status"], answer["ErrorChain"] = "Error", chain("there is no such setting")
		case !d.Supervised:
			answer["Status"], answer["ErrorChain"] = "Error", chain("Bluetooth takes supervision")
		case d.restriction("allowBluetoothModification") == false:
			answer["Status"], answer["ErrorChain"] = "Error", chain("a profile forbids to change Bluetooth")
		default:
			d.state.bluetooth = on
		}
		said = append(said, answer)
	}
	return said
}

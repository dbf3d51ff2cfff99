package wire

import "github.com/bellkeep/bellkeep/internal/school"

// MaxDevices is how many devices one gateway speaks for at most.
const MaxDevices = 5000

// Devices are those that a gateway speaks for.
type Devices struct {
	V       int      `json:"v"`
	Rev     uint64   `json:"rev"` // never goes back
	Devices []string `json:"devices"`
}

// DecodeDevices reads a verified payload. Errors: invalid.
func DecodeDevices(payload []byte) (Devices, error) {
	var d Devices
	if err := Decode(payload, &d); err != nil {
		return Devices{}, err
	}
	if len(d.Devices) > MaxDevices {
		return Devices{}, refused("it names %d devices, more than %d", len(d.Devices), MaxDevices)
	}
	for _, id := range d.Devices {
		if !school.ValidID(id) {
			return Devices{}, refused("%.40q is no device", id)
		}
	}
	return d, nil
}

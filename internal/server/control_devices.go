package server

import (
	"context"
	"net/http"

	"github.com/bellkeep/bellkeep/mdm"
)

// DeviceLine is a line of the list of devices.
type DeviceLine struct {
	ID       string      `json:"id"`
	Label    string      `json:"label,omitempty"`
	Groups   []string    `json:"groups"`
	Platform string      `json:"platform"`
	Holder   string      `json:"holder,omitempty"`  // id of whoever has it
	Retired  bool        `json:"retired,omitempty"` // managed no longer
	Verdict  mdm.Verdict `json:"verdict,omitempty"` // none for a retired one
}

// deviceLines is every device that ever was listed, by id.
func (s *Server) deviceLines() []DeviceLine {
	verdicts := map[string]mdm.Verdict{}
	for _, row := range s.Devices.Board().Rows {
		verdicts[row.Device.ID] = row.Verdict
	}
	var list []DeviceLine
	for _, l := range s.Fleet.Listings() {
		d := l.Device
		list = append(list, DeviceLine{ID: d.ID, Label: d.Label, Groups: d.Groups, Platform: d.Platform,
			Holder: l.Holder, Retired: !l.Retired.IsZero(), Verdict: verdicts[d.ID]})
	}
	return list
}

// serveDevices answers the commands about devices.
func (s *Server) serveDevices(mux *http.ServeMux) {
	mux.HandleFunc("POST /devices", answer(func(context.Context, struct{}) ([]DeviceLine, error) { return s.deviceLines(), nil }))
}

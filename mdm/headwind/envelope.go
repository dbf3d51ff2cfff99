package headwind

import "encoding/json"

// The errors an agent is told. It knows the first: it then asks whoever holds the
// phone for a number.
const (
	unknownDevice = "error.notfound.device"
	notAllowed    = "error.permission.denied"
	failed        = "error.internal.server"
)

// ok is an answer around data, which must be JSON.
func ok(data []byte) []byte {
	const head = `{"status":"OK","message":null,"data":`
	body := make([]byte, 0, len(head)+len(data)+1)
	return append(append(append(body, head...), data...), '}')
}

// failure is an answer that is an error.
func failure(code string) []byte {
	return []byte(`{"status":"ERROR","message":"` + code + `","data":null}`)
}

// notice is one message of a poll. Over MQTT its payload is an object, here it
// would be text; none has one.
type notice struct {
	MessageType string `json:"messageType"`
}

// news is the data of a poll's answer.
func news(updated bool) []byte {
	list := []notice{}
	if updated {
		list = append(list, notice{"configUpdated"})
	}
	b, _ := json.Marshal(list) // a constant
	return b
}

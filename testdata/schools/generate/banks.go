package generate

import "fmt"

// bank is a cabinet of 300 doors on two buses of ten CU16 boards. Its boards
// were bought at different times: no two buses of a bank agree on what a set
// bit means, or on which byte comes first.
type bank struct {
	id     string
	where  string
	first  int // its lowest door
	listen int // port of its page
	left   wiring
	right  wiring
}

type wiring struct{ polarity, order string }

var banks = []bank{
	{"a", "Bank A, main entrance", 1, 8081, wiring{"set-is-closed", "low-first"}, wiring{"set-is-open", "high-first"}},
	{"b", "Bank B, east gate", 301, 8082, wiring{"set-is-open", "low-first"}, wiring{"set-is-closed", "high-first"}},
	{"c", "Bank C, sports hall", 601, 8083, wiring{"set-is-open", "high-first"}, wiring{"set-is-closed", "low-first"}},
}

func (b bank) file() []byte {
	text := fmt.Sprintf(`bank: %s
label: %s
allotment: fixed
kiosk:
  name: front
  listen: 127.0.0.1:%d
scanners:
  - {kiosk: front, port: scanner-front, baud: 9600}
buses:
`, b.id, b.where, b.listen)
	for _, side := range []struct {
		name string
		wiring
	}{{"left", b.left}, {"right", b.right}} {
		text += fmt.Sprintf(`  - name: %s
    driver: kerong-cu16
    port: bus-%s
    baud: 19200
    boards: 10
    polarity: %s
    index_base: 0
    byte_order: %s
    pulse_gap: 300ms
`, side.name, side.name, side.polarity, side.order)
	}
	text += fmt.Sprintf(`doors: # numbers as painted, running on from the first lock named
  - {numbers: %d-%d, bus: left, board: 0, lock: 1}
  - {numbers: %d-%d, bus: right, board: 0, lock: 1}
`, b.first, b.first+149, b.first+150, b.first+299)
	return []byte(text)
}

// office is a small cabinet of one board, for what is not a pupil's daily
// routine.
type office struct {
	id     string
	where  string
	class  string
	first  int
	doors  int
	listen int
	wiring
}

var offices = []office{
	{"d", "Bank D, office", "confiscation", 1001, 12, 8084, wiring{"set-is-closed", "low-first"}},
	{"e", "Bank E, safe room", "evidence", 1101, 4, 8085, wiring{"set-is-open", "low-first"}},
}

func (o office) file() []byte {
	return fmt.Appendf(nil, `bank: %s
label: %s
allotment: fixed
kiosk:
  name: front
  listen: 127.0.0.1:%d
scanners:
  - {kiosk: front, port: scanner-front, baud: 9600}
buses:
  - name: %s
    driver: kerong-cu16
    port: bus-%s
    baud: 19200
    boards: 1
    polarity: %s
    index_base: 0
    byte_order: %s
    pulse_gap: 300ms
doors: # for staff; pupils' devices never come here by themselves
  - {numbers: %d-%d, bus: %s, board: 0, lock: 1, class: %s}
`, o.id, o.where, o.listen, o.class, o.class, o.polarity, o.order, o.first, o.first+o.doors-1, o.class, o.class)
}

// Package bridge is the runtime of one bank: it stands between the pure
// custody rules and the doors.
//
// Bank is its heart and knows no goroutine, port or file: it takes inputs (a
// scan, a look at some doors, a frame that was sent), lets package locker
// decide, writes the events to the ledger, and only then sends orders and
// changes the kiosk's screen. The simulator drives the same Bank over a
// modelled cabinet.
//
// Around it, Run wires one goroutine per bus that owns the lock boards, one per
// scanner, and the loop that feeds Bank. The Gate sits on the last step to a
// lock driver and moves no latch without the ledger's receipt.
//
// Each of those loops reports to the watchdog, so that a bank that hangs is
// started anew, and notes in Equipment what is unplugged or silent.
package bridge

// Package sim plays a school against the custody rules, from one seed, to find
// the sequence of events that breaks them.
//
// The product's Bank, Gate and rules run unchanged and single-threaded. Around
// them everything is modelled: a cabinet of doors (cabinet.go), the buses that
// carry orders and reports (bus.go, poll.go), the computer with its clock and
// its power (machine.go, clock.go), the people (pupil.go, kiosk.go, visit.go),
// the office with its grants and bars (office.go), and what goes wrong on a day
// (weather.go). The model knows the truth: where every phone is.
//
// An auditor (auditor.go) reads every record as it becomes durable and watches
// every latch. The rules that bind the bank are in rules.go and the two files
// beside it, a sentence and a function each.
//
// # What is not modelled, and why
//
// A lock board's answer carries an 8-bit sum, so noise that hits a frame gets
// past it once in 256 times. A bank believes a contact only after two reads in
// a row agree. With one frame in a hundred hit, two wrong reads of the same
// door in a row pass once in 6.5e8 polls at best, less because the same bit has
// to flip twice: one poll every 100 ms gives that many in two years. Reports
// here are therefore lost in any number, or wrong once, but never wrong twice
// in a row for one door. The polls lost on a bad day, up to a third, are answers
// that do not come, not answers that are garbled.
//
// A few things no record can know. They are written down as what they are, and
// the rules that compare record and truth leave out that door until the two
// agree again: a door without a working item sensor that is shut empty after a
// deposit, or shut on the phone after a collection; and a door whose contact or
// item sensor is stuck. A mechanical key is only turned while the bank looks.
package sim

// Package scenario plays a school day from a script that people can read: who
// does what when, and what records, screens, doors, places and notices come of
// it. The script is YAML; testdata/scenarios/README.md explains it to a school.
//
//	scenario: lost-badge
//	about: Who loses a badge gets another, and the old one opens nothing.
//	schools: [elmfield]
//	day: 2026-11-23
//	people:
//	  - {name: P, is: pupil, form: 9B}
//	  - {name: O1, is: staff, role: office}
//	never:
//	  - {device-of: P, is: any door}
//	steps:
//	  - at: "08:20"
//	    who: O1
//	    does: replace-badge
//	    with: {of: P, why: lost}
//	    expect: {records: {school: {badge-revoked: 1, badge-issued: 1}}}
//	  - at: "08:21"
//	    who: P
//	    does: scan
//	    with: {badge: old}
//	    expect: {screen: office, opened: []}
//
// Nothing of the product is played by somebody else: the books are the school
// server's, on a ledger in memory; banks are the firmware's own over a cabinet
// that always works, and what they may know is compiled and given out as the
// server does it. Only the line between them is a delay that can be cut. Time is
// simulated, one thing happens after the other in one goroutine, and chance is
// seeded: the same script at the same school comes to the same report.
//
// Records are accounted for exactly. A step that names records must name all that
// were written, on every ledger, since the last step that did; what nobody has
// named by the end is a difference. The two kinds that carry rules to banks are
// left out of that: in-force tells of them.
package scenario

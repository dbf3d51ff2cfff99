// Package schools holds the fictional schools that demonstrations and tests
// play with.
package schools

import "embed"

// Files has one folder a school.
//
//go:embed mill-lane elmfield ash-cartwright-kelsey northbourne
var Files embed.FS
